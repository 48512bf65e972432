/** Where a list stands, in the words of its store. */
export type ListReference = Readonly<Record<string, unknown>>;

/** Where each list of `storedList` stands. */
const references = new WeakMap<object, ListReference>();

/**
 * A list that stands in a store: it is read when somebody looks into it, and may be read again later. Data refers to it instead
 * of copying it; `reference` says where it stands. It never changes, and cannot be changed.
 */
export function storedList<Item>(reference: ListReference, read: () => Item[]): Item[] {
  let known: WeakRef<Item[]> | undefined;
  const list = () => {
    const found = known?.deref() ?? read();
    known = new WeakRef(found);
    return found;
  };
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
  references.set(proxy, reference);
  return proxy;
}

/** Where a list of `storedList` stands; undefined for any other value. */
export const referenceOf = (value: unknown): ListReference | undefined =>
  Array.isArray(value) ? references.get(value) : undefined;
