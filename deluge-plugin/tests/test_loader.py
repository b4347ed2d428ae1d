"""What the loader says where the module cannot run; with the egg in PYTHONPATH."""

import platform

import pytest

loader = pytest.importorskip('upseed_deluge.loader')


def test_it_runs_here(tmp_path):
    module = loader.load(str(tmp_path / 'dätä'))
    assert loader.load(str(tmp_path / 'dätä')) is module
    assert module.inspect


@pytest.mark.parametrize(
    'name, result, said',
    [
        ('machine', 'aarch64', 'Upseed runs on linux-x86_64 and this is linux-aarch64.'),
        ('system', 'Windows', 'Upseed runs on linux-x86_64 and this is windows-x86_64.'),
        ('libc_ver', ('', ''), 'Upseed needs glibc .* and this system has another C library.'),
        ('libc_ver', ('glibc', '2.31'), 'Upseed needs glibc .* and this system has 2.31.'),
    ],
)
def test_elsewhere_it_says_why_not(tmp_path, monkeypatch, name, result, said):
    monkeypatch.setattr(platform, name, lambda: result)
    with pytest.raises(loader.Unsupported, match=said):
        loader.load(str(tmp_path))
    assert not list(tmp_path.iterdir())
