import { type Check, fault, warning, well } from './finding.ts';

const NODE_MAJOR = 24;

/** The runtime that this program was tried with. */
export const versions: Check = async () => {
  const [major] = process.versions.node.split('.').map(Number);
  if (major === NODE_MAJOR) return [well('node-version', `Node ${process.versions.node}`)];
  if (major !== undefined && major > NODE_MAJOR)
    return [
      warning(
        'node-version',
        `Node ${process.versions.node} is newer than what this program was tried with (${NODE_MAJOR})`,
        'start it by npx wardroom, which brings its own',
      ),
    ];
  return [
    fault(
      'node-version',
      `Node ${process.versions.node} runs this`,
      `start it by npx wardroom after npm ci, which brings Node ${NODE_MAJOR}`,
    ),
  ];
};
