import { type ChildProcess, spawn } from 'node:child_process';
import type { Writable } from 'node:stream';

/**
 * Keeps a list of process groups and kills them when its input ends: when the process that feeds it is gone, whatever
 * killed that one. POSIX sh, because nothing smaller is on every machine.
 */
const SCRIPT = `
trap '' INT TERM HUP
list=' '
while read -r change group; do
  case $change in
    watch) list="$list$group " ;;
    forget) case $list in *" $group "*) list="\${list%% $group *} \${list#* $group }" ;; esac ;;
  esac
done
for group in $list; do kill -9 "-$group"; done
`;

/** The one helper process of this process that outlives it by an instant, to take the guarded processes along. */
export class Watcher {
  static #shared: Watcher | null = null;
  readonly #child: ChildProcess;
  readonly #ended: Promise<void>;
  #watched = 0;

  private constructor() {
    this.#child = spawn('/bin/sh', ['-c', SCRIPT], { stdio: ['pipe', 'ignore', 'ignore'], detached: true });
    this.#ended = new Promise((resolve) => {
      this.#child.once('exit', () => resolve());
      this.#child.once('error', () => resolve());
    });
    this.#child.stdin!.on('error', () => {});
    this.#child.unref();
    (this.#child.stdin as Writable & { unref?(): void }).unref?.();
  }

  /** Started when first needed, ended when nothing is watched any more. */
  static shared(): Watcher {
    Watcher.#shared ??= new Watcher();
    return Watcher.#shared;
  }

  watch(group: number): void {
    this.#watched++;
    this.#child.stdin!.write(`watch ${group}\n`);
  }

  async forget(group: number): Promise<void> {
    this.#watched--;
    this.#child.stdin!.write(`forget ${group}\n`);
    if (this.#watched > 0) return;
    if (Watcher.#shared === this) Watcher.#shared = null;
    this.#child.ref();
    this.#child.stdin!.end();
    await this.#ended;
  }
}
