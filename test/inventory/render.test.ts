import { expect, test } from 'vitest';
import { parseInventory } from '../../src/inventory/parse-inventory.ts';
import { toAnsibleList, toGraph } from '../../src/inventory/render.ts';

const { inventory } = parseInventory(
  'mail.example.com\n[webservers]\nfoo.example.com\nbar.example.com http_port=80\n[dbservers]\none.example.com\n[prod:children]\nwebservers\ndbservers\n[empty]\n',
  'hosts.ini',
);

test('the list has the shape of ansible-inventory --list', () => {
  expect(JSON.stringify(toAnsibleList(inventory), null, 4)).toMatchInlineSnapshot(`
    "{
        "_meta": {
            "hostvars": {
                "bar.example.com": {
                    "http_port": 80
                }
            }
        },
        "all": {
            "children": [
                "ungrouped",
                "prod",
                "empty"
            ]
        },
        "dbservers": {
            "hosts": [
                "one.example.com"
            ]
        },
        "prod": {
            "children": [
                "webservers",
                "dbservers"
            ]
        },
        "ungrouped": {
            "hosts": [
                "mail.example.com"
            ]
        },
        "webservers": {
            "hosts": [
                "foo.example.com",
                "bar.example.com"
            ]
        }
    }"
  `);
});

test('the graph has the shape of ansible-inventory --graph', () => {
  expect(toGraph(inventory)).toBe(
    [
      '@all:',
      '  |--@ungrouped:',
      '  |  |--mail.example.com',
      '  |--@prod:',
      '  |  |--@webservers:',
      '  |  |  |--foo.example.com',
      '  |  |  |--bar.example.com',
      '  |  |--@dbservers:',
      '  |  |  |--one.example.com',
      '  |--@empty:',
      '',
    ].join('\n'),
  );
});

test('the graph of one group shows what is below it', () => {
  expect(toGraph(inventory, 'dbservers')).toBe('@dbservers:\n  |--one.example.com\n');
});
