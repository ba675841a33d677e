import { type JsonObject } from '../../../src/lib/json.js';

/** A call as templates see it. */
export const sampleCall: JsonObject = {
  id: '12345',
  event_id: 'e1',
  source: 'autocalls',
  status: 'completed',
  duration: 127,
  customer_phone: '+4366412345678',
  assistant_phone: '+1987654321',
  created_at: '2026-11-23T11:00:00.000000Z',
  finished_at: '2026-11-23T11:02:07.000000Z',
  recording_url: 'https://recordings.example.com/12345.mp3',
  formatted_transcript: 'AI: Hello\nCustomer: Hello, I am interested.',
  extracted_variables: { summary: 'Wants a product demo next week.', lead_quality: 'hot' },
  input_variables: { customer_name: 'Jane Doe' },
  lead: { variables: { email: 'jane@example.com', city: 'Vienna' } },
  contact: { phone: '+4366412345678', phone_valid: true, country: 'AT' },
  actions: { crm: { id: '101' } },
};
