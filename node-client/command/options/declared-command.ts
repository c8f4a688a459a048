import { type Command, Option } from "commander";
import { examplesText } from "./help-text.ts";

/** What commander calls an option: `--base-units` is `baseUnits`, and `--no-wait` is `wait`. */
type NameOf<Flags extends string> = Flags extends `${infer First} ${string}`
  ? NameOf<First>
  : Flags extends `--no-${infer Name}`
    ? CamelCase<Name>
    : Flags extends `--${infer Name}`
      ? CamelCase<Name>
      : never;
type CamelCase<Words extends string> = Words extends `${infer First}-${infer Rest}`
  ? `${First}${Capitalize<CamelCase<Rest>>}`
  : Words;

/** `<files...>` are several words, `[file]` is perhaps none. */
type Given<Form extends string, Value> = Form extends `${string}...>`
  ? Value[]
  : Form extends `[${string}`
    ? Value | undefined
    : Value;

/** The same place with further options. */
type With<Place, Options> = Place & { readonly options: Options };
type Always<Flags extends string, Value> = { readonly [Name in NameOf<Flags>]: Value };
type Perhaps<Flags extends string, Value> = { readonly [Name in NameOf<Flags>]?: Value };
/** @param before What the option has already, where it may be repeated. */
type Parser<Value> = (text: string, before: Value) => Value;

/** What every action may ask of its command line. */
interface Line {
  /** Whether an option stands there, rather than its default. */
  readonly isGiven: (name: string) => boolean;
}
type Open = (options: never, words: readonly unknown[]) => Promise<object>;

/** Options that several commands share, with what they say: see `DeclaredCommand.with`. */
export type SharedOptions<Options> = ((command: Command) => Command) & { readonly says?: Options };

/**
 * A command while it is declared. The types of what it takes follow from the declaration: an action
 * gets the command's words as they were parsed, and `options` beside the place where it acts.
 *
 * @example
 * new CommandGroup(program, terminal)
 *   .reader("show", "show a service")
 *   .argument("<service>", "its number", parseIndex)
 *   .option("--service-version <n>", "of this version", parseIndex)
 *   .run(async ({ client, options }, serviceId) => { … }); // options.serviceVersion?: number
 */
export class DeclaredCommand<Place, Words extends readonly unknown[] = []> {
  readonly #command: Command;
  readonly #open: Open;
  #look: (...given: readonly unknown[]) => unknown = () => undefined;

  /** @param open Makes the place where the command acts, such as a connection. */
  constructor(command: Command, open: Open) {
    this.#command = command;
    this.#open = open;
  }

  argument<Form extends string, Value = string>(
    form: Form,
    about: string,
    parse?: Parser<Value>,
  ): DeclaredCommand<Place, [...Words, Given<Form, Value>]> {
    return this.#as(this.#command.argument(form, about, parse as Parser<Value>));
  }

  option<Flags extends string, Value = Given<Flags, string>>(
    flags: Flags,
    about: string,
    parse?: Parser<Value>,
  ): DeclaredCommand<With<Place, Perhaps<Flags, Value>>, Words>;
  option<Flags extends string, Value>(
    flags: Flags,
    about: string,
    parse: Parser<Value>,
    byDefault: Value,
    /** The default as the help has it. */
    shown?: string,
  ): DeclaredCommand<With<Place, Always<Flags, Value>>, Words>;
  option(
    flags: string,
    about: string,
    parse?: Parser<unknown>,
    byDefault?: unknown,
    shown?: string,
  ) {
    const option = new Option(flags, about).default(byDefault, shown);
    return this.#as(this.#command.addOption(parse ? option.argParser(parse) : option));
  }

  requiredOption<Flags extends string, Value = Given<Flags, string>>(
    flags: Flags,
    about: string,
    parse?: Parser<Value>,
  ): DeclaredCommand<With<Place, Always<Flags, Value>>, Words> {
    return this.#as(this.#command.requiredOption(flags, about, parse as Parser<Value>));
  }

  /** A switch: off unless given, or with `--no-…` on unless given. */
  flag<Flags extends string>(
    flags: Flags,
    about: string,
  ): DeclaredCommand<With<Place, Always<Flags, boolean>>, Words> {
    return this.#as(this.#command.option(flags, about, flags.startsWith("--no-")));
  }

  /** One of some words. */
  choice<Flags extends string, Word extends string>(
    flags: Flags,
    about: string,
    words: readonly Word[],
  ): DeclaredCommand<With<Place, Perhaps<Flags, Given<Flags, Word>>>, Words>;
  choice<Flags extends string, Word extends string>(
    flags: Flags,
    about: string,
    words: readonly Word[],
    byDefault: Given<Flags, Word>,
    shown?: string,
  ): DeclaredCommand<With<Place, Always<Flags, Given<Flags, Word>>>, Words>;
  choice(
    flags: string,
    about: string,
    words: readonly string[],
    byDefault?: unknown,
    shown?: string,
  ) {
    const option = new Option(flags, about).choices(words).default(byDefault, shown);
    return this.#as(this.#command.addOption(option));
  }

  /** The option declared last and these, by their names, do not go together. */
  notWith(...names: readonly string[]): this {
    this.#command.options.at(-1)?.conflicts([...names]);
    return this;
  }

  usage(text: string): this {
    this.#command.usage(text);
    return this;
  }

  with<Options>(add: SharedOptions<Options>): DeclaredCommand<With<Place, Options>, Words> {
    return this.#as(add(this.#command));
  }

  /** What the help says after the options, examples and all. */
  help(text: string): this {
    this.#command.addHelpText("after", text);
    return this;
  }

  examples(...commandLines: readonly string[]): this {
    return this.help(examplesText(...commandLines));
  }

  /** Looks at options and words before the place is opened; the action gets what it `found`. */
  check<Found>(
    look: (options: OptionsOf<Place>, ...words: Words) => Found,
  ): DeclaredCommand<Place & { readonly found: Awaited<Found> }, Words> {
    this.#look = look as (...given: readonly unknown[]) => unknown;
    return this.#as(this.#command);
  }

  /** What the command does in its place. */
  run(action: (place: Place & Line, ...words: Words) => unknown): void {
    this.#command.action(async (...given: unknown[]) => {
      const words = given.slice(0, -2) as unknown as Words;
      const options = given.at(-2) as object;
      const command = given.at(-1) as Command;
      const isGiven = (name: string) => command.getOptionValueSource(name) === "cli";
      const found = await this.#look(options, ...words);
      const opened = await this.#open(options as never, words);
      const place: unknown = { ...opened, found, isGiven };
      await action(place as Place & Line, ...words);
    });
  }

  #as<Declared>(_command: Command): Declared {
    return this as unknown as Declared;
  }
}

type OptionsOf<Place> = Place extends { readonly options: infer Options } ? Options : never;

/**
 * Declares options that several commands share; their types follow as a command's do.
 *
 * @param heading Under which the help has them: a command's own unless given.
 */
export const shareOptions =
  <Place>(
    declare: (command: DeclaredCommand<unknown>) => DeclaredCommand<Place>,
    heading?: string,
  ): SharedOptions<OptionsOf<Place>> =>
  (command) => {
    const ownCount = command.options.length;
    declare(new DeclaredCommand<unknown>(command, async () => ({})));
    if (heading === undefined) return command;
    for (const option of command.options.slice(ownCount)) option.helpGroup(heading);
    return command;
  };

/** What shared options say. */
export type OptionsIn<Shared> = Shared extends SharedOptions<infer Options> ? Options : never;
