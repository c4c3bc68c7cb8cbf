/** What the system says of files, as a sentence goes on. */

const WORDS: { readonly [code: string]: string } = {
  ENOENT: "there is no such file",
  ENOTDIR: "a part of its path is no folder",
  EISDIR: "it is a folder, a file is wanted",
  EACCES: "this user may not do that",
  EPERM: "this user may not do that",
  EROFS: "it is on a disk that can only be read",
  ENOSPC: "the disk is full",
  EMFILE: "this process has too many files open",
  ENAMETOOLONG: "its name is too long",
  ELOOP: "its links lead in a circle",
};

/** Why a file cannot be had, by the error of Node's; for the part of a message behind the colon. */
export function fileProblem(error: unknown, action: "read" | "write" = "read"): string {
  const { code = "", message } = error as NodeJS.ErrnoException;
  // A file that is not there is made, if its folder is.
  if (code === "ENOENT" && action === "write") return "there is no such folder";
  return WORDS[code] ?? message;
}
