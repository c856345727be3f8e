import { statfs } from 'node:fs/promises'

/** The Linux type numbers of file systems that one machine mounts at a time. */
const LOCAL_TYPES: ReadonlySet<number> = new Set([
    0xef53, // ext2, ext3, ext4
    0x58465342, // xfs
    0x9123683e, // btrfs
    0xf2f52010, // f2fs
    0xca451a4e, // bcachefs
    0x2fc12fc1, // zfs
    0x01021994, // tmpfs
    0x858458f6, // ramfs
    0x794c7630, // overlayfs
    0x61756673, // aufs
    0x52654973, // reiserfs
    0x3153464a, // jfs
    0x3434, // nilfs
    0xf15f, // ecryptfs
    0x4d44, // vfat
    0x2011bab0, // exfat
    0x5346544e, // ntfs
    0x7366746e // ntfs3
])

/**
 * Whether only this machine can write to the file system of a folder. NFS, SMB, 9p, FUSE and every
 * unknown file system may have other writers. Systems other than Linux do not report the type;
 * their folders count as local.
 */
export async function isLocalFolder(folder: string): Promise<boolean> {
    return process.platform !== 'linux' || LOCAL_TYPES.has((await statfs(folder)).type)
}
