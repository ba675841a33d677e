import { Module } from '@nestjs/common';
import { ConfigModule, ConfigService } from '@nestjs/config';
import { AftercallModule } from 'aftercall';
import { OrdersController } from './orders.controller.js';
import { ticketKind } from './ticket.kind.js';

@Module({
  imports: [
    ConfigModule.forRoot({ isGlobal: true }),
    AftercallModule.forRootAsync({
      mount: '/aftercall',
      inject: [ConfigService],
      useFactory: (settings: ConfigService) => ({
        config: settings.get<string>('AFTERCALL_CONFIG', './config'),
        destinations: [ticketKind],
        logLevel: 'warn' as const,
      }),
    }),
  ],
  controllers: [OrdersController],
})
export class AppModule {}
