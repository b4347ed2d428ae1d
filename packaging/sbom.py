"""The software bill of materials (CycloneDX 1.5): everything that is compiled into the command and the plugin."""

import json
import tomllib
import uuid
from collections import deque

from native import ROOT, run, version

# The two that are shipped; and a library beside them that is no crate.
SHIPPED = ('upseed', 'upseed-deluge')
TARGET = 'x86_64-unknown-linux-gnu'


def make(path, libtorrent):
    """Writes it. `libtorrent`: the version that the tar.gz, the wheel and the egg carry."""
    metadata = json.loads(run('cargo', 'metadata', '--format-version', '1', '--locked', '--filter-platform', TARGET,
                              '--manifest-path', ROOT / 'Cargo.toml'))
    packages = {package['id']: package for package in metadata['packages']}
    nodes = {node['id']: node for node in metadata['resolve']['nodes']}
    lock = tomllib.loads((ROOT / 'Cargo.lock').read_text())
    sums = {(entry['name'], entry['version']): entry.get('checksum') for entry in lock['package']}
    todo = deque(id for id, package in packages.items() if package['source'] is None and package['name'] in SHIPPED)
    linked = {}
    while todo:
        id = todo.popleft()
        if id in linked:
            continue
        # What runs at build time alone, or in tests, is not shipped.
        linked[id] = [edge['pkg'] for edge in nodes[id]['deps'] if any(kind['kind'] is None for kind in edge['dep_kinds'])]
        todo.extend(linked[id])
    ref = {id: f'pkg:cargo/{packages[id]["name"]}@{packages[id]["version"]}' for id in linked}
    carried = f'pkg:generic/libtorrent-rasterbar@{libtorrent}'
    components = [component(packages[id], ref[id], sums) for id in linked]
    components.append({'type': 'library', 'bom-ref': carried, 'name': 'libtorrent-rasterbar', 'version': libtorrent, 'purl': carried,
                       'licenses': [{'license': {'id': 'BSD-3-Clause'}}]})
    depends = [{'ref': ref[id], 'dependsOn': sorted(ref[to] for to in edges)} for id, edges in linked.items()]
    swarm = next(entry for entry in depends if entry['ref'].startswith('pkg:cargo/upseed-swarm@'))
    swarm['dependsOn'].append(carried)
    main = f'upseed@{version()}'
    depends.append({'ref': main, 'dependsOn': sorted(ref[id] for id in linked if packages[id]['name'] in SHIPPED)})
    bom = {
        'bomFormat': 'CycloneDX', 'specVersion': '1.5', 'version': 1,
        # The same for the same parts.
        'serialNumber': f'urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, " ".join(sorted([*ref.values(), carried])))}',
        'metadata': {'component': {'type': 'application', 'bom-ref': main, 'name': 'upseed', 'version': version(),
                                   'licenses': [{'expression': 'MIT OR Apache-2.0'}]}},
        'components': sorted(components, key=lambda entry: entry['bom-ref']),
        'dependencies': sorted(depends, key=lambda entry: entry['ref']),
    }
    path.write_text(json.dumps(bom, indent=1) + '\n')


def component(package, ref, sums):
    found = {'type': 'library', 'bom-ref': ref, 'name': package['name'], 'version': package['version'], 'purl': ref}
    if package['license']:
        found['licenses'] = [{'expression': package['license'].replace('/', ' OR ')}]
    checksum = sums[package['name'], package['version']]
    if checksum:
        found['hashes'] = [{'alg': 'SHA-256', 'content': checksum}]
    return found
