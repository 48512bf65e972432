import { type Serde, serde } from '@restatedev/restate-sdk';
import { parseJson } from '../shared/json/parse-json.ts';

/** As the SDK's own JSON, which would round whole numbers beyond 2^53 when it reads them. */
export const jsonSerde: Serde<unknown> = {
  contentType: 'application/json',
  serialize: (value) => serde.json.serialize(value),
  deserialize: (bytes) => (bytes.length === 0 ? undefined : parseJson(new TextDecoder().decode(bytes))),
};
