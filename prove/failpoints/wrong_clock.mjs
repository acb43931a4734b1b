// Sets the wall clock of a process under test wrong, as a file tells it to: `{ "aheadMs": n }`, negative: behind. What only
// goes forward (timers, performance.now) goes on, as it does when the clock of a host is set.
import fs from 'node:fs';

const LOOK_EVERY_MS = 200;

/** @param path of the file; the clock is right while there is none */
export function obeyClock(path) {
  const Right = globalThis.Date;
  let aheadMs = 0;
  const now = () => Right.now() + aheadMs;
  const Wrong = new Proxy(Right, {
    construct: (target, args, of) => Reflect.construct(target, args.length === 0 ? [now()] : args, of),
    apply: () => new Right(now()).toString(),
    get: (target, key) => (key === 'now' ? now : Reflect.get(target, key)),
  });
  setInterval(() => {
    aheadMs = read(path);
    globalThis.Date = aheadMs === 0 ? Right : Wrong;
  }, LOOK_EVERY_MS).unref();
}

function read(path) {
  try {
    return JSON.parse(fs.readFileSync(path, 'utf8')).aheadMs;
  } catch {
    return 0;
  }
}
