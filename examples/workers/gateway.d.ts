// What a Worker of the gateway works with. The names are those of Cloudflare Gateway's Workers
// integration, so that a script written for one runs on the other.

/** The request and its connection, as the gateway saw them. Unknown values are left out. */
export interface GatewayMiddlewareContext {
  /** Names the request in the gateway's records. */
  readonly requestId: string;
  /** Names the client's connection. */
  readonly sessionId: string;
  /** The client's address and port. */
  readonly srcIp: string;
  readonly srcPort: number;
  /** Where the request goes; `dstIp` only where rules have asked for it. */
  readonly dstHost: string;
  readonly dstIp?: string;
  readonly dstPort: number;
  readonly scheme: "http" | "https";
  readonly host: string;
  readonly url?: string;
  readonly method: string;
  readonly httpVersion: string;
  readonly userAgent?: string;
  /** The rule that handed the request over. */
  readonly policyId: string;
  readonly policyName: string;
  /** This Worker, and the version of its code. */
  readonly workerName: string;
  readonly workerVersion: string;
  /** Who the user is; `null` where the gateway does not know. */
  identity(): Promise<GatewayIdentity | null>;
  /** How the device is; `null` where the gateway does not know. */
  devicePosture(): Promise<GatewayDevicePosture | null>;
}

/** The user. Unknown values are left out. */
export interface GatewayIdentity {
  /** Names the user where the user is known: an account, a subject of tokens. */
  readonly id?: string;
  readonly email?: string;
  readonly name?: string;
  readonly groups: readonly GatewayIdentityGroup[];
  /** The user is in more groups than could be told. */
  readonly truncated?: true;
}

export interface GatewayIdentityGroup {
  readonly id?: string;
  readonly name?: string;
  readonly email?: string;
}

/** The device. Unknown values are left out. */
export interface GatewayDevicePosture {
  /** What names the device; none without a certificate. */
  readonly id?: string;
  readonly name?: string;
  readonly checks: GatewayDevicePostureChecks;
  /** There are more checks than could be told. */
  readonly truncated?: true;
}

/** The ids of posture checks. */
export interface GatewayDevicePostureChecks {
  readonly passed: readonly string[];
  readonly failed: readonly string[];
}

/**
 * Passes the request on to where the client sent it: once at the most, and always there, whatever
 * URL the request has. Method, fields and body are those of `request`; without it, those of the
 * client.
 */
export type GatewayMiddlewareNext = (request?: Request) => Promise<Response>;

/** The class that a Worker exports under the name `GatewayMiddleware`. */
export interface GatewayMiddleware {
  handle(
    request: Request,
    context: GatewayMiddlewareContext,
    next: GatewayMiddlewareNext,
  ): Promise<Response>;
}
