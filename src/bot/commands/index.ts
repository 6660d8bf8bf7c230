import type { Command } from '../command.ts';
import { adminConfirm } from './adminConfirm.ts';
import { adminList } from './adminList.ts';
import { confirm } from './confirm.ts';
import { help } from './help.ts';

/** Every command there is, in the order in which `help` shows them. */
export const commands: readonly Command[] = [adminList, adminConfirm, confirm, help];
