import { existsSync } from 'node:fs';
import { hostname, userInfo } from 'node:os';
import { ConfigError } from '../../infra/config_error.ts';

/** 1 to 100 characters, none of which ends the line of a log. */
const NAME = /^[^\p{C}]{1,100}$/u;

/**
 * Who asks for a correction, for the record: who is named by CLICKLEDGER_WHO or has used sudo, and the user that the
 * command runs as. In a container that is the same user for everybody: without a name, the record has the container.
 */
export function askedBy(env: NodeJS.ProcessEnv = process.env, isInContainer = existsSync('/.dockerenv')): string {
  const user = userName();
  const who = env.CLICKLEDGER_WHO?.trim() || env.SUDO_USER || '';
  if (who !== '') {
    if (!NAME.test(who)) {
      throw new ConfigError(`CLICKLEDGER_WHO: is ${JSON.stringify(who)}; expected a name of up to 100 characters`);
    }
    return `${who} (${user})`;
  }
  const isOfPod = env.KUBERNETES_SERVICE_HOST !== undefined;
  return isInContainer || isOfPod ? `${user} in container ${hostname()}` : user;
}

/** In a container the user may have a number and no name. */
function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return `user ${process.getuid?.()}`;
  }
}
