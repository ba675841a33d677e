export interface FirstSettings {
  hookToken: string;
  adminToken: string;
  /** IANA zone. */
  timezone: string;
}

/** The files that `init` writes, by name below the configuration folder. */
export function firstConfig(settings: FirstSettings): Map<string, string> {
  return new Map([
    ['aftercall.yaml', mainFile(settings)],
    ['rules/calls.yaml', RULES],
  ]);
}

function mainFile({ hookToken, adminToken, timezone }: FirstSettings): string {
  return `# Server, storage, sources and destinations. This file holds secrets: keep it out of version control, or move
# them into the environment and write \${NAME} here.
schema: 1
timezone: ${timezone}
server:
  host: 127.0.0.1
  port: 3000
  # public_url: https://hooks.example.com    # where the vendor reaches this server
storage: sqlite:./data/aftercall.db
admin:
  token: "${adminToken}"
sources:
  autocalls: # POST /hooks/autocalls/<token>
    kind: autocalls
    token: "${hookToken}"
destinations:
  screen: { kind: log } # prints what would be sent
  # sales: { kind: slack, webhook_url: "\${SLACK_WEBHOOK_URL}" }
`;
}

const RULES = `schema: 1
rules:
  hot-lead:
    title: Someone is interested
    match:
      status: completed
      extracted_variables.lead_quality: [high, hot]
    then:
      - id: tell
        to: screen
        with:
          text: "Hot lead, {{ input_variables.customer_name | default: 'unknown caller' }}: {{ extracted_variables.summary }}"
  not-reached:
    title: Nobody answered
    match:
      status: [no-answer, busy, failed]
    then:
      - id: tell
        to: screen
        with:
          text: "Not reached: {{ customer_phone | default: 'no number' }} ({{ status }})"

tests:
  - name: a hot lead is told
    given: { fixture: autocalls/completed-campaign }
    expect:
      fired: [hot-lead]
      actions:
        hot-lead.tell: { to: screen, with: { text: { contains: product demo } } }
  - name: a lead of low quality is not
    given: { fixture: autocalls/completed-campaign, set: { extracted_variables.lead_quality: low } }
    expect: { fired: [] }
  - name: a call that nobody answered is told
    given: { fixture: autocalls/no-answer-campaign }
    expect: { fired: [not-reached] }
`;
