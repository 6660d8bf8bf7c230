import { listen, metricsHandler } from '../../src/server/listeners.ts';
import { createMetrics, type MetricSources } from '../../src/server/metrics.ts';

async function scrape(
  sources: MetricSources = {},
  use: (metrics: ReturnType<typeof createMetrics>) => void = () => {},
) {
  const metrics = createMetrics(sources);
  use(metrics);
  return metrics.registry.metrics();
}

describe('the metrics', () => {
  it('count what the flows, the voices and the edge report', async () => {
    const text = await scrape({}, (metrics) => {
      metrics.tickets.changed('stat', 'acknowledged');
      metrics.tickets.seenAfter('stat', 1500);
      metrics.tickets.acknowledgedAfter('stat', 4000);
      metrics.tickets.deadlineLate(-3);
      metrics.callback('retry');
      metrics.decryption('failed');
      metrics.syncLag(2500);
      metrics.alarm('no-schedule');
      metrics.request({ method: 'POST', route: '/api/v1/tickets', status: 202, milliseconds: 12 });
    });
    for (const line of [
      'wardroom_ticket_changes_total{urgency="stat",state="acknowledged"} 1',
      'wardroom_ticket_seen_seconds_sum{urgency="stat"} 1.5',
      'wardroom_ticket_acknowledged_seconds_bucket{le="5",urgency="stat"} 1',
      'wardroom_deadline_late_seconds_sum 0',
      'wardroom_callbacks_total{outcome="retry"} 1',
      'wardroom_decryptions_total{outcome="failed"} 1',
      'wardroom_sync_lag_seconds 2.5',
      'wardroom_alarms_total{code="no-schedule"} 1',
      'wardroom_http_request_seconds_count{method="POST",route="/api/v1/tickets",status="2xx"} 1',
    ]) {
      expect(text.split('\n')).toContain(line);
    }
    expect(text).toContain('process_cpu_seconds_total');
  });

  it('ask for tickets and the queue when they are asked, and forget a state nobody is in any more', async () => {
    let rows = [{ urgency: 'stat', state: 'sent', count: 2 }];
    const metrics = createMetrics({ tickets: async () => rows, queueDepth: async () => 7 });
    const first = await metrics.registry.metrics();
    expect(first).toContain('wardroom_tickets{urgency="stat",state="sent"} 2');
    expect(first).toContain('wardroom_queue_depth 7');
    rows = [{ urgency: 'stat', state: 'seen', count: 2 }];
    const second = await metrics.registry.metrics();
    expect(second).toContain('wardroom_tickets{urgency="stat",state="seen"} 2');
    expect(second).not.toContain('wardroom_tickets{urgency="stat",state="sent"}');
  });

  it('are served without the figures that cannot be had', async () => {
    const text = await scrape({
      tickets: () => Promise.reject(new Error('no database')),
      queueDepth: () => Promise.reject(new Error('no database')),
    });
    expect(text).toMatch(/^wardroom_queue_depth nan$/im);
    expect(text).not.toContain('wardroom_tickets{');
  });

  it('never grow a label from what a caller passes', async () => {
    const text = await scrape({}, (metrics) => {
      metrics.alarm('Silas Wrenfield CNRY-A5');
      for (let code = 0; code < 1000; code++) metrics.alarm(`code-${code}`);
    });
    expect(text).not.toContain('CNRY');
    const counts = text.split('\n').filter((line) => line.startsWith('wardroom_alarms_total{'));
    expect(counts.length).toBeLessThanOrEqual(101);
    // None is left out.
    expect(counts.reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0)).toBe(1001);
    expect(text).toMatch(/wardroom_alarms_total\{code="other"\} [89]\d\d/);
  });

  it('have a listener of their own that serves nothing else', async () => {
    const { registry } = createMetrics();
    const listener = await listen(metricsHandler(registry), { host: '127.0.0.1', port: 0 });
    try {
      const answer = await fetch(`${listener.url}/metrics`);
      expect(answer.status).toBe(200);
      expect(answer.headers.get('content-type')).toContain('text/plain');
      expect(await answer.text()).toContain('nodejs_version_info');
      expect((await fetch(`${listener.url}/`)).status).toBe(404);
      expect((await fetch(`${listener.url}/metrics`, { method: 'POST' })).status).toBe(405);
      await expect(listen(metricsHandler(registry), { host: '127.0.0.1', port: listener.port })).rejects.toMatchObject({
        code: 'EADDRINUSE',
      });
    } finally {
      await listener.stop(1000);
    }
  });
});
