import { Command } from 'commander';
import { stateIndexOf } from '../domain/names.ts';
import { createElasticsearch } from '../infra/clients/elasticsearch.ts';
import { engineUrls } from '../infra/clients/engines.ts';
import { readConfig } from '../infra/config.ts';
import { readSetAside, settleSetAside } from '../serving/documents/set_aside.ts';
import { setAsideText } from './text/set_aside.ts';

export const setAsideCommand = (): Command =>
  new Command('set-aside')
    .option('--settle', 'nothing is missing in Elasticsearch because of them any more: answer from there again')
    .option('--json', 'print one JSON document, with how each message begins (base64)')
    .action(async ({ settle, json }: { settle?: true; json?: true }) => {
      const elasticsearch = createElasticsearch(engineUrls(readConfig(process.env)).elasticsearch);
      try {
        const found = await readSetAside(elasticsearch, stateIndexOf('click'));
        const left = settle ? await settleSetAside(elasticsearch, stateIndexOf('click'), found) : found.total;
        process.stdout.write(json ? `${JSON.stringify({ ...found, left })}\n` : setAsideText(found, left));
      } finally {
        await elasticsearch.close();
      }
    });
