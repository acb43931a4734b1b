const { options } = require('./.dependency-cruiser.cjs');

/** Folders of one stage import each other one way. Tests may look at everything, so they are left out. */
module.exports = {
  forbidden: [
    {
      name: 'no-folder-circles',
      scope: 'folder',
      severity: 'error',
      from: { path: '^(domain|ingest|realtime|batch|serving|audit|prove|cli)' },
      to: { circular: true },
    },
  ],
  options: { ...options, exclude: { path: ['^test/', '\\.test\\.ts$', '^bench/'] } },
};
