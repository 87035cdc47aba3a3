import type { WrittenFile } from './files.ts';
import type { TensorFile, TensorMetadata, Tensors } from './tensor.ts';

/** A kind of file that tensors can be exported to. A new one is a file in this folder and a line in formats.ts. */
export interface ExportFormat {
  readonly kind: string;
  /** With its dot. */
  readonly extension: string;
  /** For people. */
  readonly title: string;
  /**
   * Writes a file that is either complete or not there; the same content gives the same bytes.
   * @throws LibraryError where it cannot be written; ConfigError where the format has no room for a tensor.
   */
  write(path: string, tensors: Tensors, metadata?: TensorMetadata): WrittenFile;
  /** @throws DataError naming the file and what is wrong with it; LibraryError where it cannot be read. */
  read(path: string): TensorFile;
}
