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
