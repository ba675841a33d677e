import { Get, Inject } from '@nestjs/common';
import { type ListView } from '../replay/views.js';
import { type AdminApi } from './admin-api.js';
import { AdminController } from './admin-controller.js';
import { Describe } from './describe.js';
import { type ProcessView, processView } from './process-view.js';
import { ADMIN_API } from './tokens.js';

@AdminController('processes', 'processes')
export class ProcessesController {
  constructor(@Inject(ADMIN_API) private readonly api: AdminApi) {}

  @Get()
  @Describe({
    summary: 'Lists the processes that work on the store, oldest first, and which of them leads.',
    answers: 'ProcessPage',
  })
  async list(): Promise<ListView<ProcessView>> {
    const { fleet } = this.api;
    const own = fleet.report();
    const processes = await fleet.processes();
    // A process knows of itself better than the store, which it tells every five seconds.
    const items = processes.map((process) =>
      processView(
        process.id === own.id ? { ...process, ...own, leads: this.api.leads() } : process,
        own.ruleSet,
      ),
    );
    return { items, next: null };
  }
}
