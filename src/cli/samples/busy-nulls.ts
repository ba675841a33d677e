export const busyNulls = String.raw`{
  "id": 20003,
  "customer_phone": "+436641234567",
  "assistant_phone": "+1987654321",
  "duration": 0,
  "status": "busy",
  "extracted_variables": null,
  "input_variables": {
    "customer_name": "John Doe",
    "product_interest": "Pro Plan"
  },
  "transcript": null,
  "recording_url": "https://app.autocalls.ai/storage/recordings/call-12345.mp4",
  "created_at": "2025-01-15T10:30:00.000000Z",
  "finished_at": "2025-01-15T10:32:05.000000Z",
  "transfers": null,
  "lead": null,
  "campaign": null
}`;
