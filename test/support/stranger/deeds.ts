import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { asSecondUser } from '../second_user.ts';

interface Login {
  username: string;
  password: string;
}

export interface KafkaDeed {
  engine: 'kafka';
  broker: string;
  login: Login | null;
  act:
    | 'list'
    | 'metadata'
    | 'consume'
    | 'offsets'
    | 'produce'
    | 'reset'
    | 'create'
    | 'delete'
    | 'empty'
    | 'configure'
    | 'grant';
  topic: string;
  group: string;
}

export interface HiveDeed {
  engine: 'hive';
  port: number;
  login: Login;
  /** Settings of the session. */
  configuration?: Record<string, string>;
  statement: string;
}

interface HttpDeed {
  engine: 'http';
  url: string;
  /** The body of a POST; without: a GET. */
  body?: string;
}

/** Asks a controller of Kafka for the state of its quorum, without a login. */
interface ControllerDeed {
  engine: 'controller';
  port: number;
}

export type Deed = KafkaDeed | HiveDeed | HttpDeed | ControllerDeed;

/**
 * Tries deeds as another user of the machine, one after the other. That user may not read our files: the program goes to
 * it whole, on its standard input.
 * @returns of each what came of it: `done: …`, or the error
 */
export async function attempts(deeds: Deed[]): Promise<string[]> {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL('program.ts', import.meta.url))],
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'node',
    banner: { js: "import { createRequire } from 'node:module'; const require = createRequire('/');" },
    logLevel: 'error',
  });
  const command = [process.execPath, '--input-type=module', '-', JSON.stringify(deeds)];
  const { code, stdout, stderr } = asSecondUser(command, undefined, outputFiles[0]?.text);
  if (code !== 0) throw new Error(`the second user's program ended with ${code}: ${stderr}`);
  return JSON.parse(stdout) as string[];
}
