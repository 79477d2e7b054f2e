/** What the menu offers for the text in the composer. */

import type { Account, CommandInfo, Page } from "./contract";
import { get } from "./service";

export interface Offer {
  /** What the option says. */
  readonly label: string;
  readonly detail: string;
  /** The whole message once it is chosen. */
  readonly message: string;
}

export interface Menu {
  /** What messages begin with that the menu is for; the rest names what is sought. */
  readonly start: string;
  readonly offers: readonly Offer[];
  /** Whether Enter takes the first offer; else it sends, until an offer is chosen with the arrow keys. */
  readonly eager: boolean;
}

export const NO_MENU: Menu = { start: "", offers: [], eager: false };

const MAX_ACCOUNTS = 6;
const BEGUN_COMMAND = /^\/([a-z-]*)$/i;
const BEGUN_ACCOUNT = /^\/([a-z-]+) ([^=\n]{0,60})$/i;

/** The service answers it itself, so that it is not among the commands. */
export const HELP: CommandInfo = {
  name: "help",
  summary: "What can be asked, and the options of each command.",
  examples: ["/help"],
  asked_as: [],
  arguments: {},
};

export async function menuFor(text: string, commands: readonly CommandInfo[]): Promise<Menu> {
  const name = BEGUN_COMMAND.exec(text)?.[1];
  if (name !== undefined) return commandMenu(name.toLowerCase(), commands);
  const begun = BEGUN_ACCOUNT.exec(text);
  const command = commandOf(text, commands);
  if (begun === null || command?.arguments.properties?.["account"] === undefined) return NO_MENU;
  return accountMenu(command.name, begun[2] ?? "");
}

/** What is left of a menu as the text goes on, until the next menu is there. */
export function narrowed(menu: Menu, text: string): Menu {
  if (!text.startsWith(menu.start)) return NO_MENU;
  const sought = text.slice(menu.start.length).toLowerCase();
  const names = ({ label, detail }: Offer): string[] => (menu.start === "/" ? [label] : [label, detail]);
  const fits = (offer: Offer): boolean => names(offer).some((name) => name.toLowerCase().includes(sought));
  return { ...menu, offers: menu.offers.filter(fits) };
}

/** The command that a message begins with. */
export function commandOf(text: string, commands: readonly CommandInfo[]): CommandInfo | undefined {
  const name = /^\/([a-z-]+)(?:\s|$)/i.exec(text)?.[1]?.toLowerCase();
  return commands.find((command) => command.name === name);
}

function commandMenu(begun: string, commands: readonly CommandInfo[]): Menu {
  const found = commands.filter((command) => command.name.startsWith(begun));
  const offers = found.map(({ name, summary }) => ({ label: `/${name}`, detail: summary, message: `/${name} ` }));
  return { start: "/", offers, eager: !commands.some((command) => command.name === begun) };
}

async function accountMenu(command: string, begun: string): Promise<Menu> {
  const query = new URLSearchParams({ q: begun.trim(), limit: String(MAX_ACCOUNTS) });
  const { items } = await get<Page<Account>>(`/v1/accounts?${query}`);
  const whole = begun.trim().toLowerCase();
  if (items.some((account) => [account.id, account.name].some((name) => name.toLowerCase() === whole))) return NO_MENU;
  const offers = items.map(({ id, name }) => ({ label: name, detail: id, message: `/${command} ${name} ` }));
  return { start: `/${command} `, offers, eager: false };
}
