import { Controller, Get, Inject, VERSION_NEUTRAL } from '@nestjs/common';
import {
  HealthCheck,
  type HealthCheckResult,
  HealthCheckService,
  HealthIndicatorService,
} from '@nestjs/terminus';
import { ApiExcludeController } from '@nestjs/swagger';
import { type Store } from '../store/store.js';
import { type AdminApi } from './admin-api.js';
import { ADMIN_API, STORE } from './tokens.js';

/** Liveness and readiness, without a token. */
@ApiExcludeController()
@Controller({ path: 'health', version: VERSION_NEUTRAL })
export class HealthController {
  constructor(
    @Inject(STORE) private readonly store: Store,
    @Inject(ADMIN_API) private readonly api: AdminApi,
    @Inject(HealthCheckService) private readonly health: HealthCheckService,
    @Inject(HealthIndicatorService) private readonly indicators: HealthIndicatorService,
  ) {}

  /** The process answers. */
  @Get('live')
  live(): { status: string } {
    return { status: 'ok' };
  }

  /** 200 while events can be stored, 503 otherwise: a small write must reach the disk. Says which rules are in force. */
  @Get('ready')
  @HealthCheck({ swaggerDocumentation: false })
  ready(): Promise<HealthCheckResult> {
    return this.health.check([() => this.checkStore(), () => this.describeProcess()]);
  }

  private describeProcess() {
    const { role, ruleSet, version } = this.api.fleet.report();
    return this.indicators
      .check('process')
      .up({ role, version, rule_set: ruleSet, leader: this.api.leads() });
  }

  private async checkStore() {
    const indicator = this.indicators.check('store');
    try {
      await this.store.probe();
      return indicator.up();
    } catch (error) {
      return indicator.down(error instanceof Error ? error.message : 'the store does not answer');
    }
  }
}
