/** What provisioning is at. `doneBytes` and `totalBytes` come with downloads and unpacking. */
export interface ProvisionProgress {
  readonly stage: 'find' | 'download' | 'verify' | 'unpack' | 'compile' | 'check' | 'pack' | 'ready';
  readonly message: string;
  readonly doneBytes?: number;
  readonly totalBytes?: number;
}

export type Report = (progress: ProvisionProgress) => void;
