// Runs before node_modules exist (prestart, pretest): only Node's built-in modules, and no syntax newer than Node 14 in
// this file.
const NODE = [20, 19];
const NODE_IN_SUPPORT = 22;

const [major, minor] = process.versions.node.split('.').map(Number);
if (major < NODE[0] || (major === NODE[0] && minor < NODE[1])) {
  console.error(`Node ${process.versions.node} is too old: install Node ${NODE.join('.')} or later`);
  process.exit(1);
}

if (major < NODE_IN_SUPPORT) {
  console.log(`Node ${process.versions.node} is out of support: everything starts, but install Node 24`);
}

const { setUp, SetupError } = await import('./steps.mjs');
try {
  await setUp(process.env, (line) => console.log(line));
} catch (error) {
  if (!(error instanceof SetupError)) throw error;
  console.error(error.message);
  process.exit(1);
}
