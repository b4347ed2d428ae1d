"""A disk that lacks something, as real ones do: python3 odd_disk.py FOLDER BEHIND TYPE [LACK...]

It is mounted at FOLDER by FUSE's own protocol, without any library, and keeps its files in BEHIND. The mount table
calls it TYPE, such as fuse.sshfs. What it lacks:

modes   chmod is not permitted, and everything is open to everybody, as on exFAT that root has mounted
quiet   the same, but chmod is taken and forgotten (vfat with `quiet`)
links   no hard links, and no rename that spares what is there (exfat-fuse)
locks   no locks: ENOLCK, as on NFS without its lock service
shared  no shared memory: mmap(MAP_SHARED) fails, as on some network disks
"""
import ctypes
import errno
import os
import stat
import struct
import sys

FOLDER, BEHIND, TYPE, *LACKS = sys.argv[1:]
MODES, QUIET, LINKS, LOCKS, SHARED = (word in LACKS for word in ('modes', 'quiet', 'links', 'locks', 'shared'))
HEADER, ROOT, MAX_WRITE = 40, 1, 128 << 10

paths, numbers, files = {ROOT: ''}, {'': ROOT}, {}
last = ROOT


def behind(path):
    return os.path.join(BEHIND, path)


def path_of(node):
    if node not in paths:
        raise OSError(errno.ENOENT, 'gone')
    return behind(paths[node])


def below(node, name):
    if node not in paths:
        raise OSError(errno.ENOENT, 'gone')
    return os.path.join(paths[node], os.fsdecode(name))


def number(path):
    global last
    if path not in numbers:
        last += 1
        numbers[path], paths[last] = last, path
    return numbers[path]


def forget(path):
    paths.pop(numbers.pop(path, None), None)


def attributes(found, node):
    mode = found.st_mode | (0o777 if MODES or QUIET else 0)
    times = (found.st_atime_ns, found.st_mtime_ns, found.st_ctime_ns)
    return struct.pack('=6Q10I', node, found.st_size, found.st_blocks, *(time // 10**9 for time in times),
                       *(time % 10**9 for time in times), mode, found.st_nlink, found.st_uid, found.st_gid, 0, 4096, 0)


def entry(path):
    found = os.lstat(behind(path))
    return struct.pack('=4Q2I', number(path), 0, 0, 0, 0, 0) + attributes(found, numbers[path])


def attr(node, file=None):
    found = os.fstat(files[file]) if file in files else os.lstat(path_of(node))
    return struct.pack('=QII', 0, 0, 0) + attributes(found, node)


def opened(descriptor):
    files[descriptor] = descriptor
    return struct.pack('=QII', descriptor, 1 if SHARED else 0, 0)


def init(_node, _body):
    flags = 1 << 5 | (1 << 1 | 1 << 10 if LOCKS else 0)
    return struct.pack('=4I2H2I2H8I', 7, 31, 128 << 10, flags, 12, 9, MAX_WRITE, 1, 0, 0, *[0] * 8)


def lookup(node, body):
    return entry(below(node, body[:-1]))


def getattr_(node, body):
    flags, _, file = struct.unpack_from('=IIQ', body)
    return attr(node, file if flags & 1 else None)


def setattr_(node, body):
    valid, _, file, size, _, atime, mtime, _, atime_ns, mtime_ns, _, mode = struct.unpack_from('=IIQQQQQQIIII', body)
    path = path_of(node) if node in paths else files[file]
    if valid & 1 and MODES:
        raise OSError(errno.EPERM, 'no modes here')
    if valid & 1 and not QUIET:
        os.chmod(path, stat.S_IMODE(mode))
    if valid & 8:
        os.truncate(files[file] if valid & 64 else path, size)
    if valid & (16 | 32 | 128 | 256):
        old = os.stat(path)
        new = [old.st_atime_ns, old.st_mtime_ns]
        if valid & 16:
            new[0] = atime * 10**9 + atime_ns
        if valid & 32:
            new[1] = mtime * 10**9 + mtime_ns
        os.utime(path, ns=tuple(new))
    return attr(node, file if valid & 64 else None)


def mkdir(node, body):
    mode, _ = struct.unpack_from('=II', body)
    path = below(node, body[8:-1])
    os.mkdir(behind(path), mode)
    return entry(path)


def unlink(node, body):
    path = below(node, body[:-1])
    os.unlink(behind(path))
    forget(path)


def rmdir(node, body):
    path = below(node, body[:-1])
    os.rmdir(behind(path))
    forget(path)


def rename(node, body, flags=0, at=8):
    target, = struct.unpack_from('=Q', body)
    old, new = body[at:-1].split(b'\0')
    old, new = below(node, old), below(target, new)
    if flags & ~1 or flags and LINKS:
        raise OSError(errno.EINVAL, 'no such rename here')
    if flags and os.path.lexists(behind(new)):
        raise OSError(errno.EEXIST, 'there')
    os.rename(behind(old), behind(new))
    forget(new)
    for path in [path for path in numbers if path == old or path.startswith(old + '/')]:
        moved = new + path[len(old):]
        numbers[moved] = numbers.pop(path)
        paths[numbers[moved]] = moved


def rename2(node, body):
    return rename(node, body, struct.unpack_from('=QI', body)[1], 16)


def link(node, body):
    if LINKS:
        raise OSError(errno.EPERM, 'no links here')
    old, = struct.unpack_from('=Q', body)
    path = below(node, body[8:-1])
    os.link(path_of(old), behind(path))
    return entry(path)


def symlink(node, body):
    if LINKS:
        raise OSError(errno.EPERM, 'no links here')
    name, target = body[:-1].split(b'\0')
    path = below(node, name)
    os.symlink(target, behind(path))
    return entry(path)


def readlink(node, _body):
    return os.fsencode(os.readlink(path_of(node)))


def open_(node, body):
    flags, = struct.unpack_from('=I', body)
    return opened(os.open(path_of(node), flags & ~(os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_NOFOLLOW)))


def create(node, body):
    flags, mode, _, _ = struct.unpack_from('=4I', body)
    path = below(node, body[16:-1])
    descriptor = os.open(behind(path), flags & ~os.O_APPEND | os.O_CREAT, stat.S_IMODE(mode))
    return entry(path) + opened(descriptor)


def read(_node, body):
    file, offset, size = struct.unpack_from('=QQI', body)
    return os.pread(files[file], size, offset)


def write(_node, body):
    file, offset, size = struct.unpack_from('=QQI', body)
    return struct.pack('=II', os.pwrite(files[file], body[40:40 + size], offset), 0)


def statfs(_node, _body):
    at = os.statvfs(BEHIND)
    return struct.pack('=5Q4I6I', at.f_blocks, at.f_bfree, at.f_bavail, at.f_files, at.f_ffree, at.f_bsize, 255,
                       at.f_frsize, *[0] * 7)


def release(_node, body):
    os.close(files.pop(struct.unpack_from('=Q', body)[0]))


def opendir(node, _body):
    path_of(node)
    return struct.pack('=QII', 0, 0, 0)


def readdir(node, body):
    _, offset, size = struct.unpack_from('=QQI', body)
    told = b''
    names = ['.', '..', *sorted(os.listdir(path_of(node)))]
    for at, name in enumerate(names[offset:], offset + 1):
        name = os.fsencode(name)
        one = struct.pack('=QQII', 1, at, len(name), 0) + name
        one += b'\0' * (-len(one) % 8)
        if len(told) + len(one) > size:
            break
        told += one
    return told


def fsync(_node, body):
    os.fsync(files[struct.unpack_from('=Q', body)[0]])


def lock(_node, _body):
    raise OSError(errno.ENOLCK, 'no locks here')


def nothing(_node, _body):
    return b''


DONE = {1: lookup, 3: getattr_, 4: setattr_, 5: readlink, 6: symlink, 9: mkdir, 10: unlink, 11: rmdir, 12: rename,
        13: link, 14: open_, 15: read, 16: write, 17: statfs, 18: release, 20: fsync, 25: nothing, 26: init,
        27: opendir, 28: readdir, 29: nothing, 30: nothing, 31: lock, 32: lock, 33: lock, 35: create, 38: nothing,
        45: rename2}
UNANSWERED = {2, 36, 42}


def main():
    kernel = os.open('/dev/fuse', os.O_RDWR)
    options = f'fd={kernel},rootmode=40000,user_id={os.getuid()},group_id={os.getgid()},allow_other,default_permissions'
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.mount(b'odd', os.fsencode(FOLDER), TYPE.encode(), 0, options.encode()) != 0:
        sys.exit(f'mount: {os.strerror(ctypes.get_errno())}')
    os.umask(0)
    while True:
        try:
            asked = os.read(kernel, MAX_WRITE + 4096)
        except OSError as error:
            if error.errno in (errno.EINTR, errno.ENOENT):
                continue
            break
        _, opcode, unique, node = struct.unpack_from('=IIQQ', asked)
        if opcode in UNANSWERED:
            continue
        code, answer = 0, b''
        try:
            if opcode not in DONE:
                raise OSError(errno.ENOSYS, 'not here')
            answer = DONE[opcode](node, asked[HEADER:]) or b''
        except OSError as error:
            code, answer = -error.errno, b''
        try:
            os.write(kernel, struct.pack('=IiQ', 16 + len(answer), code, unique) + answer)
        except OSError:
            pass


main()
