import { readLayers } from './layers.ts';

/** `file:line key.path` of a setting for who has to change it; of what is not set, the nearest that is. */
export function placesOf(files: readonly string[]): (path: string) => string {
  const layers = readLayers(files);
  return (path) => {
    const { file, line } = layers.origin(path.split('.'));
    return `${file}:${line} ${path}`;
  };
}
