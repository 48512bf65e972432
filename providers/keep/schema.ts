import { Closed, Duration, Otherwise, type Static, Type } from 'threadline/provider';
import { ItemCondition, ItemField, ItemValue } from 'threadline/runtime';

const Filter = Closed({
  key: Type.String({ minLength: 1, description: 'A field; `labels.team` is one inside another.' }),
  value: Type.Unknown({ description: 'The value, compared as text. `true` requires only that the field exists.' }),
});

const TimeRange = Closed(
  {
    from: Type.Optional(Type.String({ description: 'ISO 8601, RFC 2822, or seconds or milliseconds since 1970, as text.' })),
    to: Type.Optional(Type.String({ description: 'The same, or `now`.', default: 'now' })),
  },
  { description: 'Asks for alerts of this time instead of `time_delta`.' },
);

const query = {
  version: Type.Optional(
    Type.Union([Type.Literal(1), Type.Literal(2)], { description: 'Which query it is: 1 takes `filters`, 2 takes `filter`.' }),
  ),
  filters: Type.Optional(Type.Array(Filter, { minItems: 1, description: 'What the alerts must have, all of it.' })),
  filter: Type.Optional(
    ItemCondition({
      description: "An expression (CEL) over the alert's own fields. It is false for an alert that lacks one of them.",
    }),
  ),
  distinct: Type.Optional(
    Type.Boolean({ description: 'The current state of each alert; if false, every event.', default: true }),
  ),
  time_delta: Type.Optional(Type.Number({ minimum: 0, description: 'How many days back; 0 is without limit.', default: 1 })),
  timerange: Type.Optional(TimeRange),
  limit: Type.Optional(Type.Integer({ minimum: 1, description: 'At most so many; 100 where there is a `filter`.' })),
};

const rule = {
  alert: Type.Optional(
    ItemValue({ description: "The alert's fields, rendered for each item: `{{ metric.job }}` is the item's own." }),
  ),
  if: Type.Optional(ItemCondition({ description: 'Makes the alert for those items only for which this expression is true.' })),
  for: Type.Optional(Duration('How long `if` has to hold: the alert is pending until then, and firing after that.')),
  fingerprint_fields: Type.Optional(
    Type.Array(ItemField(), {
      description: 'Fields that tell one alert from another, of the alert or else of the item. Default: all labels.',
    }),
  ),
  fingerprint: Type.Optional(ItemValue({ description: 'The fingerprint itself, instead of `fingerprint_fields`.' })),
  override_source_with: Type.Optional(Type.String({ minLength: 1, description: 'The source of the alert, instead of `keep`.' })),
  read_only: Type.Optional(
    Type.Boolean({
      description: 'Leaves alerts alone that this step made earlier and that no item matches now.',
      default: false,
    }),
  ),
  items: Type.Optional(
    Otherwise(
      '{{ has(foreach.value) ? null : steps.this.results }}',
      Type.Unknown({ description: 'A list: an alert for each item. Default: what the step before gave, when that is a list.' }),
    ),
  ),
  item: Type.Optional(
    Otherwise(
      '{{ foreach.value }}',
      Type.Unknown({ description: 'A single item instead of `items`. Default: the item of `foreach`.' }),
    ),
  ),
};

const management = {
  workflow_to_update_yaml: Type.Optional(Type.Unknown({ description: 'Of a Keep server only: refused.' })),
  workflow_full_sync: Type.Optional(Type.Boolean({ description: 'Of a Keep server only: refused.' })),
  delete_all_other_workflows: Type.Optional(Type.Boolean({ description: 'Of a Keep server only: refused.' })),
};

export const params = Closed({ ...query, ...rule, ...management });
export type Params = Static<typeof params>;

export const MANAGEMENT_KEYS = Object.keys(management);
export const QUERY_KEYS = Object.keys(query);
/** Parameters without `items` and `item`, which have defaults. */
export const RULE_KEYS = Object.keys(rule).filter((key) => key !== 'items' && key !== 'item');
