import type { Command } from "commander";
import type { Hex } from "../../../spec/outputs.ts";
import {
  type ActorOptions,
  addActorOptions,
  addReaderOptions,
  connect,
  connectActor,
  findAccountAddress,
  type Online,
  type OnlineActor,
} from "../connection/online.ts";
import { DeclaredCommand } from "../options/declared-command.ts";
import { parseAddressHex } from "../options/parse-arguments.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { addOperationOptions, type CommandActor, connectToAct } from "./act.ts";

type Signing = OnlineActor & { readonly options: ActorOptions };
type AskingFor = Online & { readonly options: ActorOptions; readonly account: Hex };

/** Commands under one name, or the program's own. Each kind has its options, and where it acts. */
export class CommandGroup {
  readonly #command: Command;
  readonly #terminal: Terminal;

  constructor(command: Command, terminal: Terminal) {
    this.#command = command;
    this.#terminal = terminal;
  }

  group(name: string, about: string, help: string): CommandGroup {
    return new CommandGroup(this.#add(name, about).addHelpText("after", help), this.#terminal);
  }

  /** Opens nothing by itself: it connects where it needs to, if at all. */
  local(name: string, about: string): DeclaredCommand<{ readonly terminal: Terminal }> {
    const terminal = this.#terminal;
    const open = async (options: object) => ({ options, terminal });
    return new DeclaredCommand(this.#add(name, about), open);
  }

  /** Asks an application. */
  reader(name: string, about: string): DeclaredCommand<Online> {
    const command = addReaderOptions(this.#add(name, about));
    return new DeclaredCommand(command, (options) => connect(options, this.#terminal));
  }

  /** Asks of an account: of the first word, else of the one that would sign. */
  accountReader(
    name: string,
    about: string,
    form = "[account]",
    whose = "whose (default: the account that would sign)",
  ): DeclaredCommand<AskingFor> {
    const command = addActorOptions(this.#add(name, about).argument(form, whose, parseAddressHex));
    return new DeclaredCommand(command, async (options: ActorOptions, [given]) => {
      const account = await findAccountAddress(given as Hex | undefined, options, this.#terminal);
      return { ...(await connect(options, this.#terminal)), account };
    });
  }

  /** Acts for an account, otherwise than by one operation. */
  signer(name: string, about: string): DeclaredCommand<Signing> {
    const command = addActorOptions(this.#add(name, about));
    return new DeclaredCommand(command, (options) => connectActor(options, this.#terminal));
  }

  /** Does one operation for an account, which a relay may send for it. */
  operation(name: string, about: string): DeclaredCommand<CommandActor> {
    const command = addOperationOptions(this.#add(name, about));
    return new DeclaredCommand(command, (options) => connectToAct(options, this.#terminal));
  }

  #add(name: string, about: string): Command {
    return this.#command.command(name).description(about);
  }
}
