import type { Plugin } from 'esbuild';

export const novnc: Plugin;
export function deferProbe(source: string): string;
export function makeOpaque(source: string): string;
