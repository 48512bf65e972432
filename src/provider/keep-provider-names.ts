/** The provider types that Keep has: a workflow that names one is right, whether it is installed here or not. */
const NAMES = [
  'airflow aks amazonsqs anthropic appdynamics argocd asana auth0 axiom azuremonitoring bash bigquery centreon checkly',
  'checkmk cilium clickhouse cloudwatch console coralogix dash0 databend datadog deepseek discord dynatrace eks elastic',
  'flashduty fluxcd gcpmonitoring gemini github github_workflows gitlab gitlabpipelines gke google_chat grafana',
  'grafana_incident grafana_loki grafana_oncall graylog grok http icinga2 ilert incidentio incidentmanager jira',
  'jiraonprem kafka keep kibana kubernetes libre_nms linear linearb litellm llamacpp mailgun mattermost mock monday',
  'mongodb mysql netbox netdata netxms newrelic ntfy ollama openai openobserve opensearchserverless openshift opsgenie',
  'pagerduty pagertree parseable pingdom planner postgres posthog prometheus pushover python quickchart redmine resend',
  'rollbar s3 salesforce sendgrid sentry servicenow signalfx signl4 site24x7 slack smtp snowflake splunk squadcast ssh',
  'statuscake sumologic teams telegram thousandeyes trello twilio uptimekuma vectordev victorialogs victoriametrics vllm',
  'wazuh webhook websocket youtrack zabbix zendesk zenduty zoom zoom_chat',
];

export const KNOWN_PROVIDERS: readonly string[] = NAMES.flatMap((line) => line.split(' '));

const AT = (url: string) =>
  `Write \`type: openaiassistant\` with \`base_url: ${url}\` in its configuration: \`prompt\`, \`model\` and \`results.response\` are the same.`;
const OWN = AT('http://HOST:PORT/v1');
const CODE =
  'No code is run here: values are computed in `{{ }}` and by functions, `http` calls a service, and a provider folder of your own runs what you like.';

/** What is built in for the work of a provider of Keep, in one sentence. */
export const INSTEAD: Readonly<Record<string, string>> = {
  openai:
    'Write `type: openaiassistant`: `prompt`, `model`, `max_tokens`, `structured_output_format` and `results.response` are the same.',
  anthropic: AT('https://api.anthropic.com/v1'),
  deepseek: AT('https://api.deepseek.com/v1'),
  gemini: AT('https://generativelanguage.googleapis.com/v1beta/openai'),
  grok: AT('https://api.x.ai/v1'),
  litellm: OWN,
  llamacpp: OWN,
  ollama: AT('http://localhost:11434/v1'),
  vllm: OWN,
  webhook:
    'Write `type: http` with `method: POST` and the `url` in the step: `headers`, `body` and `params` have the same names.',
  bash: CODE,
  python: CODE,
  ssh: CODE,
};
