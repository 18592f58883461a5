import { grpcPackages } from '../../config/sections/grpc-client.js';
import type { PluginMethod } from './plugin-messages.js';

/** The packages that hold the plugin service, one per generation. The messages are the same. */
export const packageNames = grpcPackages;

export type PackageName = (typeof packageNames)[number];

export function serviceName(packageName: PackageName): string {
  return `${packageName}.PluginService`;
}

export function methodPath(packageName: PackageName, method: PluginMethod): string {
  return `/${serviceName(packageName)}/${method}`;
}
