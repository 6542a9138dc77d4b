import type { Module } from '../contract/module.ts';
import { modules } from '../modules/index.ts';

/** Every module by its name. */
export const moduleTable: ReadonlyMap<string, Module> = new Map(modules.map((module) => [module.name, module]));
