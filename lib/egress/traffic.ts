/** What passed over connections that have ended, in bytes, since the server started. */
export interface Traffic {
  /** From the server. */
  uploadBytes: number
  /** To the server. */
  downloadBytes: number
}
