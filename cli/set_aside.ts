import { Command } from 'commander';
import type { EventKind } from '../domain/event_kinds.ts';
import { stateIndexOf } from '../domain/names.ts';
import { createElasticsearch } from '../infra/clients/elasticsearch.ts';
import { engineUrls } from '../infra/clients/engines.ts';
import { readPlatformConfig } from '../infra/platform_config.ts';
import { readSetAside, type SetAsideDoc, settleSetAside } from '../serving/documents/set_aside.ts';
import { eventOption, namedKinds } from './arguments/event.ts';
import { setAsideText } from './text/set_aside.ts';

interface Options {
  event?: EventKind;
  settle?: true;
  json?: true;
}

export const setAsideCommand = (): Command =>
  new Command('set-aside')
    .addOption(eventOption('click, impression or conversion; all that are run if absent'))
    .option('--settle', 'nothing is missing in Elasticsearch because of them any more: answer from there again')
    .option('--json', 'print one JSON document, with how each message begins (base64)')
    .action(async ({ event, settle, json }: Options) => {
      const config = await readPlatformConfig(process.env);
      const elasticsearch = createElasticsearch(engineUrls(config).elasticsearch);
      const all: SetAsideDoc = { total: 0, messages: [] };
      let left = 0;
      try {
        for (const kind of namedKinds(config, event)) {
          const index = stateIndexOf(kind);
          const found = await readSetAside(elasticsearch, index);
          all.total += found.total;
          all.messages.push(...found.messages);
          left += settle ? await settleSetAside(elasticsearch, index, found) : found.total;
        }
        process.stdout.write(json ? `${JSON.stringify({ ...all, left })}\n` : setAsideText(all, left));
      } finally {
        await elasticsearch.close();
      }
    });
