import { Controller, Get, Header, Inject, VERSION_NEUTRAL } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { DELIVERY_STATES } from '../domain/delivery.js';
import { type Store } from '../store/store.js';
import { Metrics } from '../telemetry/metrics.js';
import { STORE } from './tokens.js';

/** Prometheus text format, without a token; holds configured names and counts only. */
@ApiExcludeController()
@Controller({ path: 'metrics', version: VERSION_NEUTRAL })
export class MetricsController {
  constructor(
    @Inject(STORE) private readonly store: Store,
    @Inject(Metrics) private readonly metrics: Metrics,
  ) {}

  @Get()
  @Header('Content-Type', 'text/plain; version=0.0.4; charset=utf-8')
  async read(): Promise<string> {
    await this.countDeliveries();
    return this.metrics.registry.metrics();
  }

  /** A store in trouble must not take the metrics page down with it: the gauges then keep their last value. */
  private async countDeliveries(): Promise<void> {
    const counts = await this.store.countDeliveries().catch(() => null);
    this.metrics.storeUp.set(counts ? 1 : 0);
    if (!counts) return;
    for (const state of DELIVERY_STATES) this.metrics.deliveries.set({ state }, counts[state] ?? 0);
  }
}
