import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { AftercallModule } from 'aftercall';
import { AppModule } from './app.module.js';

/** The host's own body limit, far below the 5 MiB that Aftercall reads on its hook. */
const BODY_LIMIT_BYTES = 10_000;

const adapter =
  process.env.PLATFORM === 'express'
    ? new ExpressAdapter()
    : new FastifyAdapter({ bodyLimit: BODY_LIMIT_BYTES });
const app = await NestFactory.create(AppModule, adapter, { logger: ['error', 'warn'] });
app.setGlobalPrefix('api');
app.enableShutdownHooks();
await AftercallModule.attach(app);
await app.listen(Number(process.env.PORT ?? 3000), '127.0.0.1');
