import type { Plugin } from 'esbuild';

export const novnc: Plugin;
export function limitProbe(source: string): string;
