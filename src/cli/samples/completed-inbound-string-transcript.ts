export const completedInboundStringTranscript = String.raw`{
  "id": 20001,
  "customer_phone": "+1234567890",
  "assistant_phone": "+1987654321",
  "duration": 125,
  "status": "completed",
  "extracted_variables": {
    "status": false,
    "summary": "Asked to be called tomorrow",
    "next_action": "call_back",
    "callback_at": "tomorrow at five"
  },
  "input_variables": [],
  "transcript": "AI: Hello!\nCustomer: Hi, call me tomorrow please.",
  "created_at": "2025-01-15T10:30:00.000000Z",
  "finished_at": "2025-01-15T10:32:05.000000Z"
}`;
