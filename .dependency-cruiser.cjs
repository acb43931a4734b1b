const STAGES = ['ingest', 'realtime', 'batch', 'serving'];
/** What uses the stages: to look at all of them, to prove them, to run them. */
const ABOVE = ['audit', 'prove', 'cli', 'bench'];
const TESTS = '(^test/|\\.test\\.ts$)';

/** Imports go one way: audit, prove, cli, bench → stages → infra → domain. Stages meet in topics, tables and domain. */
module.exports = {
  forbidden: [
    ...STAGES.map((stage) => ({
      name: `${stage}-imports-no-other-stage`,
      severity: 'error',
      from: { path: `^${stage}/` },
      to: { path: `^(${[...STAGES, ...ABOVE].filter((other) => other !== stage).join('|')})/` },
    })),
    {
      // What one writes into Elasticsearch and the other reads is in serving/documents.
      name: 'api-and-indexer-meet-in-documents',
      severity: 'error',
      from: { path: '^serving/(api|indexer)/', pathNot: TESTS },
      to: { path: '^serving/(api|indexer)/', pathNot: '^serving/$1/' },
    },
    {
      name: 'planner-imports-no-store',
      severity: 'error',
      from: { path: '^serving/planner/' },
      to: { path: '^(serving/(?!planner/)|infra/)' },
    },
    {
      name: 'domain-imports-nothing-of-ours',
      severity: 'error',
      from: { path: '^domain/' },
      to: { path: `^(${[...STAGES, ...ABOVE, 'infra', 'test'].join('|')})/` },
    },
    {
      name: 'infra-imports-domain-only',
      severity: 'error',
      from: { path: '^infra/', pathNot: TESTS },
      to: { path: `^(${[...STAGES, ...ABOVE].join('|')})/` },
    },
    {
      name: 'audit-imports-no-command',
      severity: 'error',
      from: { path: '^audit/', pathNot: TESTS },
      to: { path: '^(prove|cli|bench)/' },
    },
    { name: 'prove-imports-no-command', severity: 'error', from: { path: '^prove/' }, to: { path: '^(cli|bench)/' } },
    {
      name: 'only-tests-import-test-support',
      severity: 'error',
      from: { pathNot: TESTS },
      to: { path: '^test/' },
    },
    {
      // Whoever else made a client of it would send and read without our codec (infra/clients/kafka/client.ts), and
      // would have to change with a change of library. Types are held by the same rule.
      name: 'only-its-client-imports-kafkajs',
      severity: 'error',
      from: { pathNot: ['^infra/clients/kafka/', TESTS] },
      to: { path: '^node_modules/kafkajs/' },
    },
    {
      // What infra/clients/kafka.ts exports is what a change of library has to bring along.
      name: 'kafka-is-one-module-to-others',
      severity: 'error',
      from: { pathNot: ['^infra/clients/kafka(/|\\.ts$)', TESTS] },
      to: { path: '^infra/clients/kafka/' },
    },
    {
      // It has the API only, as any other page would: the types are generated from the API's description.
      name: 'dashboard-imports-nothing-of-ours',
      severity: 'error',
      from: { path: '^serving/dashboard/' },
      to: { path: `^(${[...STAGES, ...ABOVE, 'domain', 'infra', 'test'].join('|')})/`, pathNot: '^serving/dashboard/' },
    },
    {
      name: 'nothing-imports-the-dashboard',
      severity: 'error',
      from: { pathNot: '^serving/dashboard/' },
      to: { path: '^serving/dashboard/' },
    },
    { name: 'no-circles', severity: 'error', from: {}, to: { circular: true } },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    // Imports of types count.
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { extensions: ['.ts', '.tsx', '.mts', '.mjs', '.js'] },
  },
};
