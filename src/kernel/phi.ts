import { inspect } from 'node:util';

/** Wraps a value so that no string, JSON document, log line or debugger print shows it. */
abstract class Sealed<T> {
  readonly #value: T;
  constructor(value: T) {
    this.#value = value;
  }
  protected abstract get mark(): string;
  /** The value itself. Call it only where the value is delivered, encrypted or compared. */
  reveal(): T {
    return this.#value;
  }
  toString(): string {
    return this.mark;
  }
  toJSON(): string {
    return this.mark;
  }
  [inspect.custom](): string {
    return this.mark;
  }
}

/** Protected health information (45 CFR 160.103). Prints `[phi]` everywhere. */
export class Phi<T> extends Sealed<T> {
  protected get mark(): string {
    return '[phi]';
  }
}

/** A token, key or passphrase. Prints `[secret]` everywhere. */
export class Secret<T = string> extends Sealed<T> {
  protected get mark(): string {
    return '[secret]';
  }
}
