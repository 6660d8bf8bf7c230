import { err, ok, type Result } from '../../kernel/result.ts';
import type { SlotContext } from './slot.ts';
import { slotType } from './slots/index.ts';
import { partsOf, type Template } from './template.ts';

/** Why a template cannot be filled in. `what` never repeats a value: it may be about a patient. */
export interface SlotFault {
  readonly slot: string;
  readonly code: 'slot-unknown' | 'slot-missing' | 'slot-refused' | 'slot-not-in-template' | 'body-malformed';
  readonly what: string;
}

/**
 * The text of a template with these values, or every fault. Each value must be of its slot's type and may say nothing about health:
 * a first name field that holds "Rosa - HIV clinic" goes out to nobody. Values that the template has no slot for are faults, too.
 */
export function render(
  template: Pick<Template, 'body' | 'language'>,
  values: Readonly<Record<string, string>>,
  { linkHosts = [] }: { readonly linkHosts?: readonly string[] } = {},
): Result<string, readonly SlotFault[]> {
  const parts = partsOf(template.body);
  if (parts === null)
    return err([{ slot: '', code: 'body-malformed', what: 'The template has braces that are not those of a slot.' }]);
  const context: SlotContext = { language: template.language, linkHosts };
  const named = new Set(parts.flatMap((part) => ('slot' in part ? [part.slot] : [])));
  const written = new Map<string, string>();
  const faults: SlotFault[] = [];
  for (const slot of named) {
    const outcome = write(slot, values, context);
    if (outcome.ok) written.set(slot, outcome.value);
    else faults.push(outcome.error);
  }
  for (const slot of Object.keys(values))
    if (!named.has(slot))
      faults.push({ slot, code: 'slot-not-in-template', what: `The template has no slot {${slot}}.` });
  if (faults.length > 0) return err(faults);
  return ok(parts.map((part) => ('slot' in part ? (written.get(part.slot) ?? '') : part.text)).join(''));
}

function write(
  slot: string,
  values: Readonly<Record<string, string>>,
  context: SlotContext,
): Result<string, SlotFault> {
  const type = slotType(slot);
  if (!type) return err({ slot, code: 'slot-unknown', what: `There is no type of slot {${slot}}.` });
  const value = Object.hasOwn(values, slot) ? values[slot] : undefined;
  if (value === undefined || value.trim() === '')
    return err({ slot, code: 'slot-missing', what: `{${slot}} is missing: ${type.what}.` });
  const text = type.write(value, context);
  return text === null ? err({ slot, code: 'slot-refused', what: `{${slot}} must be ${type.what}.` }) : ok(text);
}
