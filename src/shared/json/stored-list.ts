/** Where a list stands, in the words of its store. */
export type ListReference = Readonly<Record<string, unknown>>;

/** What the store has now. `loss`: why the items only stand for those that there were, in a sentence without its full stop. */
export interface StoredItems<Item> {
  items: Item[];
  loss?: string;
}

/** Of each list of `storedList`, where it stands, and what the store has. */
const known = new WeakMap<object, { reference: ListReference; stored: () => StoredItems<unknown> }>();

/**
 * A list that stands in a store: it is read when somebody looks into it, and may be read again later. Data refers to it instead
 * of copying it; `reference` says where it stands. It never changes, and cannot be changed.
 */
export function storedList<Item>(reference: ListReference, read: () => StoredItems<Item>): Item[] {
  let last: WeakRef<StoredItems<Item>> | undefined;
  const stored = () => {
    const found = last?.deref() ?? read();
    last = new WeakRef(found);
    return found;
  };
  const list = () => stored().items;
  const refuse = () => false;
  const proxy = new Proxy<Item[]>([], {
    get: (_, key) => Reflect.get(list(), key),
    has: (_, key) => Reflect.has(list(), key),
    ownKeys: () => Reflect.ownKeys(list()),
    getOwnPropertyDescriptor: (_, key) => Reflect.getOwnPropertyDescriptor(list(), key),
    set: refuse,
    defineProperty: refuse,
    deleteProperty: refuse,
  });
  known.set(proxy, { reference, stored });
  return proxy;
}

/** Where a list of `storedList` stands; undefined for any other value. */
export const referenceOf = (value: unknown): ListReference | undefined =>
  Array.isArray(value) ? known.get(value)?.reference : undefined;

/** Why the store has the list no more; undefined for a list that it has, and for any other value. */
export const lossOf = (value: unknown): string | undefined =>
  Array.isArray(value) ? known.get(value)?.stored().loss : undefined;
