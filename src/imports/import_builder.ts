import { keyFault, parseKeyEntry } from "../core/key_list.ts";
import { findPreset } from "../core/presets.ts";
import { MAX_WEIGHT, MIN_WEIGHT } from "../core/provider_key.ts";
import type { Strategy } from "../core/provider.ts";
import { Secret } from "../core/secret.ts";
import type {
  Imported,
  ImportedAlias,
  ImportedClientKey,
  ImportedGroup,
  ImportedKey,
  ImportedProvider,
  LeftOut,
  LeftOutReason,
  Place,
  Product,
} from "./imported.ts";
import { slugOf } from "./slug.ts";

export type KeyExtras = Omit<ImportedKey, "secret" | "place">;

interface ProviderSpec {
  /** What groups and client keys of the file name it by; entries of one ref are one provider. */
  readonly ref: string;
  readonly preset?: string | undefined;
  readonly name?: string;
  readonly slug?: string;
  readonly settings?: Readonly<Record<string, unknown>>;
}

/** One provider while its file is read. */
export class ProviderBuilder {
  readonly #builder: ImportBuilder;
  readonly #keys: ImportedKey[] = [];
  readonly #seen = new Set<string>();
  readonly #spec: ProviderSpec;
  readonly #settings: Record<string, unknown>;

  constructor(builder: ImportBuilder, spec: ProviderSpec) {
    this.#builder = builder;
    this.#spec = spec;
    this.#settings = { ...spec.settings };
  }

  get keyCount(): number {
    return this.#keys.length;
  }

  setting(name: string): unknown {
    return this.#settings[name];
  }

  set(name: string, value: unknown): void {
    if (value !== undefined) this.#settings[name] = value;
  }

  /** Adds models that are not in its list yet. */
  addModels(models: readonly string[]): void {
    const known = this.#settings.models;
    const listed = Array.isArray(known) ? known.filter((each) => typeof each === "string") : [];
    const all = new Set([...listed, ...models.map((model) => model.trim()).filter((model) => model !== "")]);
    if (all.size > 0) this.#settings.models = [...all];
  }

  /** Maps a caller's name of a model to the provider's; the first of two that disagree stands. */
  mapModel(asked: string, own: string, place: Place): void {
    if (asked === "" || own === "" || asked === own) return;
    const map = new Map(Object.entries(isTexts(this.#settings.modelMap) ? this.#settings.modelMap : {}));
    const known = map.get(asked);
    if (known !== undefined && known !== own) return this.#builder.leaveOut(place, "conflict", asked);
    this.#settings.modelMap = Object.fromEntries(map.set(asked, own));
  }

  /** Adds one key, or leaves it out with the reason; the same one twice is one. */
  add(text: string, place: Place, extras: KeyExtras = {}): void {
    const secret = text.trim();
    const reason = reasonAgainst(secret);
    if (reason !== undefined) return this.#builder.leaveOut(place, reason);
    if (this.#seen.has(secret)) return this.#builder.leaveOut(place, "repeated");
    this.#seen.add(secret);
    this.#keys.push({ ...extras, secret: new Secret(secret), place });
  }

  /** Adds `key` or `key:weight`. */
  addEntry(entry: string, place: Place, extras: KeyExtras = {}): void {
    const seed = parseKeyEntry(entry.trim());
    if (typeof seed === "string") {
      return this.#builder.leaveOut(place, reasonAgainst(entry) ?? "weight_range");
    }
    const weight = seed.weight === undefined ? {} : { weight: seed.weight };
    this.add(seed.secret.reveal(), place, { ...extras, ...weight });
  }

  build(): ImportedProvider {
    const { ref, preset, name } = this.#spec;
    const known = preset === undefined ? undefined : findPreset(preset);
    const slug = this.#spec.slug ?? slugOf(name ?? "") ?? preset ?? "";
    return {
      ref,
      preset: known?.slug,
      slug,
      name: name ?? known?.name ?? slug,
      settings: { ...this.#strategy(), ...this.#settings },
      keys: this.#keys,
    };
  }

  /** Whether anything would come of it: a preset without a key is one that only was mentioned. */
  get isMentionedOnly(): boolean {
    return this.#keys.length === 0 && this.#settings.baseUrl === undefined;
  }

  /** Keys that differ in priority or in weight ask for the strategy that heeds it. */
  #strategy(): { readonly strategy?: Strategy } {
    const differ = (values: readonly (number | undefined)[]) => new Set(values).size > 1;
    if (differ(this.#keys.map(({ priority = 0 }) => priority))) return { strategy: "priority" };
    return differ(this.#keys.map(({ weight = 1 }) => weight)) ? { strategy: "weighted" } : {};
  }
}

/** What a parser fills while it goes through its file. */
export class ImportBuilder {
  readonly #product: Product;
  readonly #providers = new Map<string, ProviderBuilder>();
  readonly #groups: ImportedGroup[] = [];
  readonly #aliases = new Map<string, ImportedAlias>();
  readonly #clientKeys = new Map<string, ImportedClientKey>();
  readonly #leftOut: LeftOut[] = [];

  constructor(product: Product) {
    this.#product = product;
  }

  /** The provider of this ref, made when it is new. */
  provider(spec: ProviderSpec): ProviderBuilder {
    const known = this.#providers.get(spec.ref);
    if (known !== undefined) return known;
    const made = new ProviderBuilder(this, spec);
    this.#providers.set(spec.ref, made);
    return made;
  }

  hasProvider(ref: string): boolean {
    return this.#providers.has(ref);
  }

  addGroup(group: ImportedGroup): void {
    this.#groups.push(group);
  }

  addAlias(alias: ImportedAlias): void {
    if (alias.name !== "" && alias.target !== "" && alias.name !== alias.target) {
      this.#aliases.set(alias.name, alias);
    }
  }

  /** Adds a client key; the same one twice is one, and may ask what either may. */
  addClientKey(
    text: string,
    place: Place,
    given: Partial<Omit<ImportedClientKey, "secret">> & { readonly name: string },
  ): void {
    const secret = text.trim();
    const reason = reasonAgainst(secret);
    if (reason !== undefined) return this.leaveOut(place, reason);
    if (secret.length < MIN_CLIENT_KEY_LENGTH) return this.leaveOut(place, "client_key_short", given.name);
    const { name, isEnabled = true, targets = [], limits = {}, expiresAtMs } = given;
    const known = this.#clientKeys.get(secret);
    const isForAll = targets.length === 0 || known?.targets.length === 0;
    this.#clientKeys.set(secret, {
      name: known?.name ?? name,
      secret: new Secret(secret),
      isEnabled,
      targets: isForAll ? [] : [...new Set([...known?.targets ?? [], ...targets])],
      limits,
      ...(expiresAtMs !== undefined && { expiresAtMs }),
    });
  }

  leaveOut(place: Place, reason: LeftOutReason, what?: string): void {
    this.#leftOut.push({
      place,
      reason,
      ...(what !== undefined && what !== "" && { what: what.slice(0, 200) }),
    });
  }

  build(): Imported {
    return {
      product: this.#product,
      providers: [...this.#providers.values()].filter((each) => !each.isMentionedOnly).map((each) =>
        each.build()
      ),
      groups: this.#groups,
      aliases: [...this.#aliases.values()],
      clientKeys: [...this.#clientKeys.values()],
      leftOut: this.#leftOut,
    };
  }
}

/** A weight of another product in our range; `undefined` for none or 0, which those take as one. */
export function weightOf(value: number | undefined): { readonly weight?: number } {
  if (value === undefined || !Number.isFinite(value) || value < MIN_WEIGHT) return {};
  return { weight: Math.min(MAX_WEIGHT, Math.round(value)) };
}

/** Fewer characters could be guessed: the same bound as for client keys that an owner brings. */
const MIN_CLIENT_KEY_LENGTH = 16;

function reasonAgainst(text: string): LeftOutReason | undefined {
  if (keyFault(text) === undefined) return undefined;
  if (text === "") return "key_empty";
  return /^[\x21-\x7e]+$/.test(text) ? "key_too_long" : "key_characters";
}

function isTexts(value: unknown): value is Readonly<Record<string, string>> {
  return typeof value === "object" && value !== null &&
    Object.values(value).every((each) => typeof each === "string");
}
