const STAGES = ['ingest', 'realtime', 'batch', 'serving'];

/** Imports go one way: stages and the command line → infra → domain. Stages meet in topics, tables and domain. */
module.exports = {
  forbidden: [
    ...STAGES.map((stage) => ({
      name: `${stage}-imports-no-other-stage`,
      severity: 'error',
      from: { path: `^${stage}/` },
      to: { path: `^(${STAGES.filter((other) => other !== stage).join('|')}|cli|bench)/` },
    })),
    {
      name: 'domain-imports-nothing-of-ours',
      severity: 'error',
      from: { path: '^domain/' },
      to: { path: `^(${[...STAGES, 'infra', 'cli', 'bench', 'test'].join('|')})/` },
    },
    {
      name: 'infra-imports-domain-only',
      severity: 'error',
      from: { path: '^infra/' },
      to: { path: `^(${[...STAGES, 'cli', 'bench'].join('|')})/` },
    },
    {
      name: 'only-tests-import-the-harness',
      severity: 'error',
      from: { pathNot: '(^test/|\\.test\\.ts$|/testing/)' },
      to: { path: '^test/' },
    },
    {
      // It is changed before it is loaded, see kafkajs_speed.ts.
      name: 'only-its-client-imports-kafkajs',
      severity: 'error',
      from: { pathNot: '^infra/clients/kafka' },
      to: { path: '^node_modules/kafkajs/', dependencyTypesNot: ['type-only'] },
    },
    { name: 'no-circles', severity: 'error', from: {}, to: { circular: true } },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: false,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { extensions: ['.ts', '.mts', '.mjs', '.js'] },
  },
};
