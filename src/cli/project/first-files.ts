/** What `threadline init` writes: file → text. The workflow comes first, its alert second. */
export const FIRST_FILES: Record<string, string> = {
  'workflows/triage.yml': `workflow:
  id: triage
  description: Asks an assistant how bad an alert is, and says so.
  triggers:
    - type: alert
      cel: severity == 'critical'
  inputs:
    - name: model
      default: gpt-6-luna
  steps:
    - name: verdict
      provider:
        type: openaiassistant
        with:
          model: "{{ inputs.model }}"
          instructions: You triage alerts for the on-call engineer.
          prompt: |
            Alert: {{ alert.name }}
            Service: {{ default alert.service "unknown" }}
            {{ alert.message }}
          response_format:
            schema:
              type: object
              properties:
                severity: { type: string, enum: [critical, high, low] }
                reason: { type: string }
              required: [severity, reason]
              additionalProperties: false
  actions:
    - name: page
      if: "{{ steps.verdict.results.response.severity }} == 'critical'"
      provider:
        type: console
        with:
          severity: warning
          message: "Page someone: {{ steps.verdict.results.response.reason }}"
  outputs:
    verdict: "{{ steps.verdict.results.response }}"
`,
  'workflows/triage.alert.json': `{
  "name": "CheckoutErrorRate",
  "severity": "critical",
  "service": "checkout",
  "message": "5xx rate of checkout is 12 % for 10 minutes"
}
`,
  'workflows/triage.rules.yml': `# What the offline emulator answers to triage.yml.
rules:
  - when: { prompt: CheckoutErrorRate }
    json: { severity: critical, reason: Customers cannot pay. }
`,
};
