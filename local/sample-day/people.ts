import { acme, bolt, type SampleAccount } from "../sample-accounts.ts";

/** The channels of the sample day. The hub has no attributes for `voicebots`. */
export const channelNames = {
  tickets: "freshdesk",
  chat: "freshchat",
  phone: "freshcaller",
  bots: "voicebots",
} as const;

export type ChannelLabel = keyof typeof channelNames;

/** A person who works with Freshdesk. */
export interface Person {
  readonly account: SampleAccount;
  readonly userId: number;
  readonly name: string;
  readonly email: string;
}

/** An agent of an account with custom statuses. */
export interface AcmeAgent extends Person {
  /** The ID of the agent's availability, which is not the user ID. */
  readonly id: number;
  readonly channels: readonly ChannelLabel[];
}

const usualChannels = ["tickets", "chat", "phone"] as const;

/** Returns an agent of Acme. Nothing but the email address connects the two IDs. */
const agent = (
  number: number,
  name: string,
  email: string,
  channels: readonly ChannelLabel[] = usualChannels,
): AcmeAgent => ({
  account: acme,
  id: 787000 + number,
  userId: 72025350000 + 7 * number,
  name,
  email,
  channels,
});

export const people = {
  rachel: agent(1, "Rachel Green", "Rachel@acme.com"),
  omar: agent(2, "Omar Haddad", "omar@acme.com"),
  zoe: agent(3, "Zoë Müller 🦉", "zoe@acme.com"),
  li: agent(4, "李小龍", "li@acme.com"),
  priya: agent(5, "Priya Nair", "priya@acme.com"),
  tom: agent(6, "Tom O'Neill", "TOM@ACME.COM", ["tickets", "phone"]),
  ines: agent(7, "Inês Sá", "ines@acme.com", ["chat"]),
  jonas: agent(8, "Jonas Berg", "jonas@acme.com", ["tickets", "chat"]),
  aya: agent(9, "Aya Sato", "aya@acme.com"),
  ben: agent(10, "Ben Carter", "ben@acme.com", ["phone"]),
  carla: agent(11, "Carla Rossi", "carla@acme.com"),
  dmitri: agent(12, "Дмитрий", "dmitri@acme.com", ["tickets", "bots"]),
} as const satisfies Readonly<Record<string, AcmeAgent>>;

/** The first name of an agent at Acme. */
export type PersonName = keyof typeof people;

const boltAgent = (number: number, name: string, email: string): Person => ({
  account: bolt,
  userId: 82025350000 + 7 * number,
  name,
  email,
});

/** Bolt has no custom statuses and no channel but tickets. */
export const boltPeople = {
  maria: boltAgent(1, "Maria Silva", "maria@bolt.example"),
  kofi: boltAgent(2, "Kofi Mensah", "Kofi@bolt.example"),
  lena: boltAgent(3, "Lena Roth", "lena.roth@bolt.example"),
  yusuf: boltAgent(4, "Yusuf Demir", "yusuf@bolt.example"),
} as const satisfies Readonly<Record<string, Person>>;

/** All people of the sample day, by first name. */
export const everyone: Readonly<Record<PersonName | keyof typeof boltPeople, Person>> = {
  ...people,
  ...boltPeople,
};

/** The first name of a person of any account. */
export type AnyName = keyof typeof everyone;
