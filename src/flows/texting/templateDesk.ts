import type { Clock } from '../../kernel/clock.ts';
import { isError, type LintFinding, lint, type TemplateClass } from '../../texts/index.ts';
import type { Asked, Decided, GivenCommand } from '../commandsPort.ts';
import { refused } from '../decided.ts';
import type { AuditEntry, Reads, Tx } from '../ports.ts';
import { BUILT_IN, templatesNow } from './templates.ts';
import type { KeptTemplate } from './templatesPort.ts';
import type { TextLine } from './textingFlow.ts';

export interface TemplateDeskFlow {
  readonly clock: Clock;
  /** Their practices' names stand in the texts. */
  readonly lines: readonly Pick<TextLine, 'practice'>[];
}

/** A version as commands show it. */
export interface ShownTemplate {
  readonly name: string;
  readonly language: string;
  readonly version: number;
  readonly class: string;
  readonly state: string;
  readonly text: string;
  readonly author: string;
}

const LOCK = 'templates';

/**
 * What texts may say by themselves: written by one person, approved by another, kept with its history. A template that could give away a patient, or
 * that carriers would take for a command, is never kept.
 */
export class TemplateDesk {
  readonly #flow: TemplateDeskFlow;

  constructor(flow: TemplateDeskFlow) {
    this.#flow = flow;
  }

  async list(read: Pick<Reads, 'templates'>, all: boolean): Promise<Decided> {
    const templates = (await templatesNow(read)).filter(({ state }) => all || state !== 'retired').map(shown);
    return { outcome: 'ok', code: 'listed', data: { templates }, audit: [] };
  }

  /** A new version, a draft. */
  async add(
    tx: Tx,
    given: GivenCommand,
    {
      name,
      language,
      class: contentClass,
      text,
    }: { name: string; language: string; class: TemplateClass; text: string },
  ): Promise<Decided> {
    await tx.lock(LOCK);
    const versions = (await templatesNow(tx)).filter((one) => isOf(one, name, language));
    const author = given.sender;
    const template: KeptTemplate = {
      id: name,
      language,
      version: Math.max(0, ...versions.map(({ version }) => version)) + 1,
      state: 'draft',
      contentClass,
      body: text,
      first: false,
      replies: true,
      author,
      by: author,
      at: this.#flow.clock.now(),
    };
    const findings = this.#lint(template);
    if (findings.some(isError)) return refused('template-faulty', { faults: faultsOf(findings), findings });
    await tx.templates.append(template);
    return {
      outcome: 'ok',
      code: 'added',
      data: { ...shown(template), findings },
      audit: [entryOf(template, 'template.added', author)],
      about: aboutOf(template),
    };
  }

  /** Shows what would be sent; it takes somebody else than its author. */
  async approve(tx: Tx, given: GivenCommand, name: string, language: string): Promise<Decided> {
    const draft = (await templatesNow(tx)).filter((one) => isOf(one, name, language)).at(-1);
    if (draft === undefined) return refused('no-such-template', {});
    if (draft.state !== 'draft') return { ...refused('not-a-draft', shown(draft)), about: aboutOf(draft) };
    if (draft.author === given.sender) return { ...refused('own-template', shown(draft)), about: aboutOf(draft) };
    const findings = this.#lint(draft);
    if (findings.some(isError)) return refused('template-faulty', { faults: faultsOf(findings), findings });
    const plan = { name, language, version: draft.version };
    return {
      outcome: 'confirm',
      code: 'template-approval',
      data: { ...shown(draft), findings },
      audit: [],
      asks: { plan, secondPerson: false },
      about: aboutOf(draft),
    };
  }

  /** What is there of the template: anything new means that something else was shown. */
  async basis(tx: Tx, { name, language }: Asked['plan']): Promise<unknown> {
    return (await templatesNow(tx))
      .filter((one) => isOf(one, String(name), String(language)))
      .map(({ version, state }) => [version, state]);
  }

  async approveAsShown(tx: Tx, given: GivenCommand, { name, language, version }: Asked['plan']): Promise<Decided> {
    await tx.lock(LOCK);
    const versions = (await templatesNow(tx)).filter((one) => isOf(one, String(name), String(language)));
    const draft = versions.find((one) => one.version === version);
    if (draft?.state !== 'draft') return refused('state-changed', {});
    // Whoever confirms need not be who asked.
    if (draft.author === given.sender) return refused('own-template', shown(draft));
    const [by, at] = [given.sender, this.#flow.clock.now()];
    for (const old of versions.filter(({ state }) => state === 'approved'))
      await tx.templates.append({ ...old, state: 'retired', by, at });
    const approved: KeptTemplate = { ...draft, state: 'approved', by, at };
    await tx.templates.append(approved);
    return {
      outcome: 'ok',
      code: 'approved',
      data: shown(approved),
      audit: [entryOf(approved, 'template.approved', by)],
      about: aboutOf(approved),
    };
  }

  /** Nothing of it is sent any more; what waits already goes. */
  async retire(tx: Tx, given: GivenCommand, name: string, language: string): Promise<Decided> {
    await tx.lock(LOCK);
    const open = (await templatesNow(tx)).filter((one) => isOf(one, name, language) && one.state !== 'retired');
    const [last] = open.slice(-1);
    if (last === undefined) return refused('no-such-template', {});
    const [by, at] = [given.sender, this.#flow.clock.now()];
    for (const one of open) await tx.templates.append({ ...one, state: 'retired', by, at });
    const retired: KeptTemplate = { ...last, state: 'retired' };
    return {
      outcome: 'ok',
      code: 'retired',
      data: shown(retired),
      audit: [entryOf(retired, 'template.retired', by)],
      about: aboutOf(retired),
    };
  }

  /** A template's newest versions by name, or a text as if it were a template. */
  async lint(
    read: Pick<Reads, 'templates'>,
    what: string,
    language: string,
    contentClass: TemplateClass,
  ): Promise<Decided> {
    const named = (await templatesNow(read)).filter(({ id, state }) => id === what && state !== 'retired');
    const text: KeptTemplate = {
      id: 'text',
      language,
      version: 1,
      state: 'draft',
      contentClass,
      body: what,
      first: false,
      replies: true,
      author: BUILT_IN,
      by: BUILT_IN,
      at: 0,
    };
    const templates = (named.length > 0 ? named : [text]).map((one) => ({
      name: named.length > 0 ? one.id : null,
      language: one.language,
      version: one.version,
      findings: this.#lint(one),
    }));
    return { outcome: 'ok', code: 'linted', data: { templates }, audit: [] };
  }

  /** As each practice would send it. */
  #lint(template: KeptTemplate): readonly LintFinding[] {
    const practices = [...new Set(this.#flow.lines.map(({ practice }) => practice))];
    const all = (practices.length > 0 ? practices : [null]).flatMap((practice) => lint(template, { practice }));
    return all.filter(({ code, what }, at) => all.findIndex((one) => one.code === code && one.what === what) === at);
  }
}

const isOf = (template: KeptTemplate, name: string, language: string): boolean =>
  template.id === name && template.language.toLowerCase() === language.toLowerCase();

const shown = ({ id, language, version, contentClass, state, body, author }: KeptTemplate) => ({
  name: id,
  language,
  version,
  class: contentClass,
  state,
  text: body,
  author,
});

const aboutOf = ({ id, language, version }: KeptTemplate) => ({ template: id, language, version });

const entryOf = (template: KeptTemplate, action: string, actor: string): AuditEntry => ({
  action,
  outcome: 'ok',
  actor,
  detail: aboutOf(template),
});

/** As refusals tell what is wrong. */
const faultsOf = (findings: readonly LintFinding[]) => findings.filter(isError).map(({ what }) => ({ path: '', what }));
