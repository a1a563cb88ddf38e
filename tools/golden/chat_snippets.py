"""Small templates for make_chat_fixtures.py, one feature of the template language each."""

VARIABLES = {
    "s": "Hello, World", "t": "  padded\ttext \n", "u": "Größe ß ünïcödé 漢字 😀 ǆ", "empty": "", "lines": "one\ntwo\n\nfour\n",
    "n": 7, "z": 0, "neg": -3, "big": 123456789012345678901234567890, "x": 2.5, "tiny": 1e-07, "huge": 1.5e300, "yes": True, "no": False, "nil": None,
    "l": [3, 1, 2], "words": ["pear", "Apple", "fig", "apple"], "nested": [[1, 2], [3, [4, 5]]], "el": [],
    "d": {"b": 1, "a": "two", "C": None}, "ed": {}, "deep": {"k": {"items": [1, {"q": "v"}]}},
    "people": [{"name": "Ann", "age": 31, "tags": ["a"]}, {"name": "bob", "age": 25}, {"name": "Cy", "age": 31, "tags": []}],
}

EXPRESSIONS = r"""
1 + 2 * 3
(1 + 2) * 3
7 // 2
-7 // 2
7 // -2
-7 % 3
7 % -3
7.5 // 2
-7.5 % 2
7 / 2
6 / 2
2 ** 10
2 ** -1
2 ** 3 ** 2
-2 ** 2
2 ** 0.5
1 / 3
0.1 + 0.2
1e16
1e15
123456789.0
1e-4
1e-5
1.0
1e100
5e-324
big + 1
big * big
big // 7
big % 97
-big // 7
tiny
huge
x * 2
1_000 + 1
0x1F
0b101 + 0o17
1.5e3
true + true
True and 1
n if yes else z
n if no
(n if no) is defined
'a' 'b' "c"
'a' ~ 1 ~ none ~ true ~ 1.5
'ab' * 3
3 * 'ab'
-1 * 'ab'
[1] * 3
[1] + [2, 3]
(1,) + (2,)
(1, 2)
(1,)
()
[]
{}
{'a': 1, 'b': [1, 2.0, none, true, 'x']}
['it\'s', "say \"x\"", 'both \' and "']
['\n\t\\', '\x07', 'é', '\u200b', '😀', '\xa0']
u
[u]
1 < 2 < 3
1 < 2 > 3
1 == 1.0
1 == true
'1' == 1
[1, 2] == [1, 2]
(1, 2) == [1, 2]
{'a': 1, 'b': 2} == {'b': 2, 'a': 1}
'a' < 'b'
'B' < 'a'
[1, 2] < [1, 3]
[1] < [1, 0]
1 < 'a'
none < 1
1 != 2
'ell' in s
'xyz' not in s
1 in l
'a' in d
'zz' in d
none in [none]
1 in 5
1 in 'a'
x in undefinedname
not yes
not not n
not undefinedname
yes and no or n
z or empty or 'last'
n and s
undefinedname
undefinedname.attr
undefinedname['a']
undefinedname + 1
undefinedname ~ 'x'
undefinedname == undefinedname2
undefinedname is defined
undefinedname or 'alt'
d.b
d['b']
d.missing
d.missing is defined
d['missing'] is undefined
d.missing.more
d.items
d.get('b')
d.get('q')
d.get('q', 5)
d.items()
d.keys()
d.values()
d.items() | list
d.keys() | list | length
d.update({'x': 1})
d.pop('a')
d.copy()
d.__class__
d['__class__']
s.__class__.__mro__
''.__class__
l.append(4)
l.pop()
l.sort()
l.index(1)
l.index(99)
l.count(1)
l[0]
l[-1]
l[5]
l[5] is defined
l['a']
l.0
l[0:2]
l[::-1]
l[::2]
l[-2:]
l[:-1]
l[5:]
l[1:1]
l[::0]
l[2:0:-1]
s[0]
s[-1]
s[100]
s[1:4]
s[::-1]
s[::3]
s[-5:-1]
u[4:9]
u[17]
u[::-1]
u|length
(1,2,3)[1:]
deep.k['items'][1].q
deep.k.items
deep['k']['items'][0]
s.upper()
s.lower()
s.title()
'hELLO wORLD it\'s'.title()
s.swapcase()
u.upper()
u.title()
u.capitalize()
'ﬁne'.capitalize()
'ß'.upper()
'ΑΣ'.lower()
'HELLO'.capitalize()
s.startswith('Hell')
s.startswith(('x', 'H'))
s.startswith('ello', 1)
s.endswith('World')
s.endswith('lo', 0, 5)
s.find('o')
s.find('o', 5)
s.rfind('o')
s.find('zz')
s.index('W')
s.index('zz')
s.count('l')
s.count('')
s.replace('l', 'L')
s.replace('l', 'L', 1)
s.replace('', '-')
'aaa'.replace('aa', 'b')
t.strip()
t.lstrip()
t.rstrip()
'xxhixx'.strip('x')
'abcHIcba'.strip('abc')
'abcHIcba'.lstrip('abc')
'a b  c'.split()
'a b  c'.split(' ')
'a,b,c'.split(',')
'a,b,c'.split(',', 1)
'a,b,c'.rsplit(',', 1)
' a b c '.split(none, 1)
' a b c '.rsplit(none, 1)
''.split()
''.split(',')
'abc'.split('')
lines.splitlines()
lines.splitlines(true)
'a\r\nb\x0bc\u2028d'.splitlines()
'k=v=w'.partition('=')
'k=v=w'.rpartition('=')
'kv'.partition('=')
'kv'.rpartition('=')
'prefix-x'.removeprefix('prefix-')
'x.txt'.removesuffix('.txt')
', '.join(['a', 'b'])
', '.join([1, 2])
'-'.join('abc')
'ab'.center(7)
'abc'.center(6, '*')
'ab'.ljust(5, '.')
'ab'.rjust(5)
'-42'.zfill(6)
'42'.zfill(1)
'123'.isdigit()
'12a'.isdigit()
''.isdigit()
'²'.isdigit()
'½'.isnumeric()
'abc'.isalpha()
'ab1'.isalnum()
' \t'.isspace()
'ABC'.isupper()
'ABC1'.isupper()
'123'.isupper()
'abc'.islower()
'é'.isascii()
'{} and {}'.format(1, 'b')
'{1} {0}'.format('a', 'b')
'{name}!'.format(name='Ann')
'{0[1]} {1.b}'.format([1, 2], d)
'{!r}'.format('x')
'{:>6}|{:<6}|{:^6}|'.format('a', 'b', 'c')
'{:05d} {:x} {:#x} {:b} {:,}'.format(42, 255, 255, 5, 1234567)
'{:.2f} {:e} {:g} {:%}'.format(3.14159, 12345.678, 0.00001, 0.25)
'{:+} {: } {:08.3f}'.format(3, 4, -3.14159)
'{:*^10.3}'.format('abcdef')
'{{}}'.format()
'{}'.format()
'{x}'.format(1)
'{:.3}'.format(2.0)
'{}'.format(1.0)
'%s and %r' % ('a', 'b')
'%d items' % 5
'%5.2f|%-6d|%06d|%+d' % (3.14159, 42, 42, 42)
'%x %X %o %e %g' % (255, 255, 8, 12345.678, 0.0001)
'%(name)s is %(age)d' % {'name': 'Ann', 'age': 3}
'%s' % [1, 2]
'%s %s' % 'a'
'%d' % 'a'
'%s' % (1, 2)
'100%%' % ()
'%c%c' % ('a', 66)
'%.3s' % 'abcdef'
'%5s|%-5s|' % ('a', 'b')
'%i' % 3.9
'%s' % none
s|upper
s|lower
s|title
'foo-bar (baz) it\'s'|title
u|capitalize
t|trim
'xxhixx'|trim('x')
s|length
d|length
5|length
undefinedname|length
l|first
l|last
el|first
el|first is defined
s|first
s|last
d|first
l|join(', ')
l|join
words|join('-')
people|join(', ', attribute='name')
[1, none, true, undefinedname]|join('|')
undefinedname|default('dflt')
nil|default('dflt')
nil|default('dflt', true)
''|d('dflt', true)
z|default(5)
z|default(5, boolean=true)
undefinedname|default
s|list
d|list
nested|list
5|list
l|sort
words|sort
words|sort(case_sensitive=true)
words|sort(reverse=true)
people|sort(attribute='age')|map(attribute='name')|list
people|sort(attribute='age,name', reverse=true)|map(attribute='name')|list
['a', 1]|sort
[none, 1]|sort
words|unique|list
words|unique(case_sensitive=true)|list
people|unique(attribute='age')|map(attribute='name')|list
l|reverse|list
s|reverse
l|sum
people|sum(attribute='age')
[0.1, 0.2]|sum
el|sum(start=10)
['a']|sum
l|min
l|max
words|min
words|max(case_sensitive=true)
people|max(attribute='age')
el|min
d|items|list
undefinedname|items|list
l|items
d|dictsort
d|dictsort(true)
{'a': 2, 'b': 1}|dictsort(by='value')
{'a': 2, 'b': 1}|dictsort(reverse=true)
words|map('upper')|list
words|map('replace', 'p', 'P')|list
people|map(attribute='name')|join(',')
people|map(attribute='tags', default='none')|list
people|map(attribute='tags.0')|list
people|map(attribute='missing')|list
[1, 2, 3, 4]|select('even')|list
[1, 2, 3, 4]|reject('even')|list
[1, 0, '', 'x', none]|select|list
[1, 0, '', 'x', none]|reject|list
[1, 2, 3]|select('gt', 1)|list
[1, 2, 3]|select('in', [1, 3])|list
people|selectattr('age', 'equalto', 31)|map(attribute='name')|list
people|selectattr('tags')|map(attribute='name')|list
people|selectattr('tags', 'defined')|map(attribute='name')|list
people|rejectattr('age', 'lt', 30)|map(attribute='name')|list
people|rejectattr('tags')|map(attribute='name')|list
(people|selectattr('age')) is iterable
(el|select)|list|length
(el|select) and 1
l|select('nosuchtest')|list
[1, 2, 3, 4, 5]|batch(2)|list
[1, 2, 3, 4, 5]|batch(2, 'x')|list
[1, 2, 3, 4, 5]|slice(3)|list
[1, 2, 3, 4, 5]|slice(3, 'x')|list
people|groupby('age')|list|length
s|replace('o', '0')
s|replace('o', '0', 1)
5|replace('5', 'five')
5|string
1.0|string ~ 'x'
none|string
'42'|int
'4.9'|int
'abc'|int
'abc'|int(5)
'0x1f'|int(base=16)
'1f'|int(0, 16)
' 12 '|int
'1_000'|int
4.9|int
-4.9|int
none|int
true|int
'3.5'|float
'x'|float
'inf'|float
'1e3'|float
3|float
none|float(1.5)
2.5|round
3.5|round
2.675|round(2)
1234.5678|round(-2)
7|round
2.1|round(method='ceil')
2.19|round(1, 'floor')
-3|abs
-2.5|abs
'x'|abs
lines|indent
lines|indent(2, true)
lines|indent(2, first=true, blank=true)
lines|indent('> ')
''|indent(2, true)
s|truncate(5)
'foo bar baz qux'|truncate(9)
'foo bar baz qux'|truncate(9, true)
'foo bar baz qux'|truncate(11, false, '...', 0)
s|wordcount
s|center(20)
'<a href="x">&\'</a>'|escape
'<b>'|e|string
'<b>'|safe
'%s-%s'|format('a', 'b')
'%(x)s'|format(x=1)
d|tojson
people|tojson
people|tojson(indent=2)
nested|tojson(indent=4)
[[], {}, [{}]]|tojson(indent=2)
people|tojson(separators=(',', ':'))
d|tojson(sort_keys=true)
u|tojson
u|tojson(ensure_ascii=true)
"a\"b\\c\n\t\r\x08\x0c\x01\x7f</script>"|tojson
[1.0, 1e20, 1e-7, true, none, -0.0]|tojson
(1, 2)|tojson
{1: 'a', none: 'b', true: 'c', 2.5: 'd'}|tojson
undefinedname|tojson
d.items()|tojson
{'a': undefinedname}|tojson
'inf'|float|tojson
d|tojson(indent='--')
s|attr('upper') is callable
d|attr('b')
n is odd
n is even
z is even
n is divisibleby 7
n is divisibleby(3)
nil is none
nil is not none
s is string
n is number
n is integer
x is float
yes is integer
yes is number
yes is boolean
yes is true
no is false
n is true
d is mapping
l is mapping
l is sequence
d is sequence
s is sequence
n is sequence
l is iterable
n is iterable
s is iterable
range is callable
s.upper is callable
'abc' is lower
'ABC' is upper
n is eq 7
n is equalto(7)
n is ne 7
n is gt 6
n is lessthan 8
n is ge 7
n is in [7, 8]
n is in(l)
nil is sameas none
yes is sameas true
1 is sameas true
n is defined and n is number
n is nosuchtest
'upper' is filter
'nosuch' is filter
'odd' is test
n is not defined or true
n|nosuchfilter
range(5)
range(5)|list
range(1, 10, 3)|list
range(5, 0, -2)|list
range(0)|list
range(3)[1]
range(10)[2:4]|list
range(200000)|length
range(1, 2, 0)
dict(a=1, b=2)
dict([('a', 1)], b=2)
dict(**{'a': 1})
namespace(a=1).a
raise_exception('no ' ~ n)
nosuchfunction(1)
n(1)
s.upper(1)
[x for x in l]
lambda: 1
l[0
'unclosed
n ? 1 : 2
n +
{'a' 1}
1 is
loop
'a\qb'
'\x41\u00e9\101'
'tab\there'
"multi
line"
'ab' in ['ab', 'c']
{'a': 1}['a']
{1: 'x'}[1]
{1: 'x'}[1.0]
{'k': {'z': 1}}.k.z
{[1]: 2}
[1, 2, 3][n - 6]
[[1, 2], [3]]|sum(start=[])
s|upper|lower|title|length
(s|length) + 1
-l|length
-n|abs
not n is odd
n is odd and z is even
'a' if n > 5 else 'b' if n > 3 else 'c'
('a' if n > 5 else 'b') ~ 'x'
d.b + d.b
'%s' % d.a
{'a': 1, **d}
*l
dict(a=1, a=2)
s.format
nested[1][1][0]
'' is none
l|length > 2 and l[0] == 3
('x',)
'a', 'b'
1,
s|replace('l')
s|upper('x')
s.nosuch
s.nosuch()
s['upper']()
d['items']
d|attr('get') is defined
'é' == 'é'
'z' < 'é' < '漢' < '😀'
['😀', '\uffee']|sort
people[0].tags[0]
people|length
(people|map(attribute='name')|list)[1]
people|map('length')|list
people|selectattr('name', 'in', ['Ann', 'Cy'])|list|length
'x' ~ ('y' if no) ~ 'z'
True == true
None is none
none ~ ''
'a'~'b'|upper
1 ~ 2 + 3
2 + 3 ~ 4
10 - 2 - 3
2 * 3 % 4
100 // 7 // 2
1 - -1
+n
- n
--n
1 == 1 == 1
1 in [1] == true
"{% raw %}"
'}}'
'{{ x }}'
"""

SNIPPETS = [
    "{% for i in l %}{{ i }},{% endfor %}", "{% for i in l %}{{ loop.index }}{{ loop.index0 }}{{ loop.revindex }}{{ loop.revindex0 }}{{ loop.first }}{{ loop.last }}{{ loop.length }};{% endfor %}",
    "{% for i in l %}{{ loop.previtem }}<{{ i }}>{{ loop.nextitem }} {% endfor %}", "{% for i in l %}{{ loop.previtem is defined }}{{ loop.nextitem is defined }}{% endfor %}",
    "{% for i in l %}{{ loop.cycle('a', 'b') }}{% endfor %}", "{% for i in [1, 1, 2] %}{{ loop.changed(i) }}{% endfor %}", "{% for i in el %}x{% else %}none{% endfor %}",
    "{% for i in l if i > 1 %}{{ loop.index }}:{{ i }}/{{ loop.length }} {% else %}no{% endfor %}", "{% for i in l if i > 9 %}x{% else %}no{% endfor %}",
    "{% for k, v in d.items() %}{{ k }}={{ v }};{% endfor %}", "{% for k in d %}{{ k }}{% endfor %}", "{% for c in s %}{{ c }}.{% endfor %}", "{% for (a, b) in [(1, 2), (3, 4)] %}{{ a }}{{ b }}{% endfor %}",
    "{% for a, b in [(1, 2, 3)] %}{{ a }}{% endfor %}", "{% for i in undefinedname %}x{% else %}e{% endfor %}", "{% for i in nil %}x{% endfor %}", "{% for i in 5 %}x{% endfor %}",
    "{% for i in l %}{% if i == 1 %}{% break %}{% endif %}{{ i }}{% endfor %}", "{% for i in l %}{% if i == 1 %}{% continue %}{% endif %}{{ i }}{% endfor %}",
    "{% for i in l %}{% for j in l %}{% if j == 1 %}{% break %}{% endif %}{{ i }}{{ j }} {% endfor %}|{% endfor %}", "{% for i in range(3) %}{% for j in range(2) %}{{ loop.index }}{% endfor %}{{ loop.index }}{% endfor %}",
    "{% for i in nested recursive %}{% if i is iterable %}[{{ loop(i) }}]{% else %}{{ i }}@{{ loop.depth }}{% endif %}{% endfor %}", "{% for i in l %}{{ loop(l) }}{% endfor %}",
    "{% set x = 1 %}{% for i in l %}{{ x }}{% set x = 2 %}{{ x }}{% endfor %}{{ x }}", "{% set ns = namespace(c=0) %}{% for i in l %}{% set ns.c = ns.c + i %}{% endfor %}{{ ns.c }}",
    "{% set ns = namespace() %}{% set ns.a = 1 %}{{ ns.a }}{{ ns.b is defined }}", "{% set ns = namespace({'a': 1}, b=2) %}{{ ns.a }}{{ ns.b }}", "{% set d.b = 5 %}{{ d.b }}", "{% set a, b = 1, 2 %}{{ b }}{{ a }}",
    "{% set a = 1, 2 %}{{ a }}", "{% set ns = namespace() %}{% set ns.a, c = 1, 2 %}{{ ns.a }}{{ c }}", "{% set x %}a{{ n }}b{% endset %}{{ x }}|{{ x|length }}", "{% set x | upper | trim %} a{{ n }}b {% endset %}{{ x }}|",
    "{% if yes %}{% set q = 1 %}{% endif %}{{ q }}", "{% if no %}{% set q = 1 %}{% endif %}{{ q is defined }}", "{% if n > 10 %}a{% elif n > 5 %}b{% else %}c{% endif %}", "{% if undefinedname %}a{% else %}b{% endif %}",
    "{% if el %}a{% elif ed %}b{% elif empty %}c{% elif z %}d{% elif nil %}e{% else %}f{% endif %}", "{% macro m(a, b=2, *c) %}x{% endmacro %}", "{% macro m(a, b=2) %}{{ a }}-{{ b }};{% endmacro %}{{ m(1) }}{{ m(1, 3) }}{{ m(b=5, a=4) }}{{ m() }}",
    "{% macro m(a) %}{{ a }}{{ varargs }}{{ kwargs }}{% endmacro %}{{ m(1, 2, 3, k=4) }}", "{% macro m(a) %}{{ a }}{% endmacro %}{{ m(1, 2) }}", "{% macro m(a) %}{{ a }}{% endmacro %}{{ m(q=2) }}", "{% macro m(a, b=a) %}{{ a }}{{ b }}{% endmacro %}{{ m(1) }}",
    "{% macro m(a=1, b) %}{% endmacro %}", "{% macro m() %}[{{ caller() }}]{% endmacro %}{% call m() %}in{{ n }}{% endcall %}", "{% macro m() %}{{ caller(1, 2) }}{% endmacro %}{% call(a, b=5) m() %}{{ a }}{{ b }}{% endcall %}",
    "{% macro m() %}x{% endmacro %}{% call m() %}y{% endcall %}", "{% macro f(k) %}{{ k }}{% if k > 0 %}{{ f(k - 1) }}{% endif %}{% endmacro %}{{ f(5) }}", "{% macro m() %}{{ s }}{{ later }}{% endmacro %}{% set later = 'L' %}{{ m() }}",
    "{% macro m() %}{% set inner = 1 %}{% endmacro %}{{ m() }}{{ inner is defined }}", "{% macro m() %}{% if caller is defined %}c{% else %}n{% endif %}{% endmacro %}{{ m() }}{% call m() %}{% endcall %}", "{{ m }}{% macro m() %}{% endmacro %}{{ m.name }}",
    "{% for i in l %}{% macro m() %}{{ i }}{% endmacro %}{{ m() }}{% endfor %}{{ m is defined }}", "{% filter upper %}a{{ s }}{% endfilter %}", "{% filter replace('a', 'b') | upper %}banana{% endfilter %}", "{% with a = 1, b = n %}{{ a }}{{ b }}{% endwith %}{{ a is defined }}",
    "{% with %}{% set q = 1 %}{{ q }}{% endwith %}{{ q is defined }}", "{% print n, s %}", "{% raw %}{{ n }}{% if %}{% endraw %}", "  {%- raw -%}  {{ n }}  {%- endraw -%}  x", "a\n  {% raw %}\n b\n  {% endraw %}\nc", "{# comment #}x{# multi\nline #}y", "a {#- c -#} b", "a\n  {# c #}\nb", "{#-#} x",
    "a\n  {% if yes %}\n  b\n  {% endif %}\nc", "a {%- if yes %} b {% endif -%} c", "a\n{%- if yes -%}\n b \n{%- endif -%}\n c", "  {%+ if yes %}x{% endif %}", "a\n  {%+ if yes %}x{% endif +%}\ny", "{% if yes +%}\nx{% endif %}", "x {{- n -}} y", "x \n {{- n -}} \n y", "x {{+ n }} y", "  {{ n }}  ", "a\n  {{ n }}\nb",
    "x\n", "x\n\n", "\nx", "{% if yes %}\n\nx{% endif %}", "a\r\nb\rc{% if yes %}\r\nd{% endif %}", "\t {% set a = 1 %} \nx", "a {% set a = 1 %}\nx", "{% set a = 1 %}{% set b = 2 %}\n\n{{ a }}", "x{% set a = 1 -%}\n\n  y", "{{ '{{' }}{{ '%}' }}", "{{ {'a': {'b': 1}}.a.b }}", "{{ {'a':{}} }}", "{{{'a': 1}.a}}", "{{ n }", "{% if %}", "{% endif %}", "{% if yes %}", "{% nosuch %}", "{{ }}", "{% %}", "{{ n | }}", "{{ (n }}", "{{ n) }}", "{# open", "{% raw %} open", "{% break %}", "{% for i in l %}{% macro m() %}{% break %}{% endmacro %}{% endfor %}",
    "{% include 'x' %}", "{% import 'x' as y %}", "{% from 'x' import y %}", "{% extends 'x' %}", "{% do l.append(1) %}", "{% block b %}{{ n }}{% endblock %}", "{% generation %}a{{ n }}{% endgeneration %}b", "x{%- generation -%} y {%- endgeneration -%} z", "{% for i in l %}\n{% generation %}\n{{ i }}\n{% endgeneration %}\n{% endfor %}",
    "{% set c = cycler('a', 'b') %}{{ c.next() }}{{ c.next() }}{{ c.current }}{{ c.next() }}{{ c.reset() }}{{ c.current }}", "{% set j = joiner('|') %}{% for i in l %}{{ j() }}{{ i }}{% endfor %}", "{{ strftime_now('%d %b %Y') }}", "{{ strftime_now('%A, %B %-d, %H:%M:%S %p %y %j %I %%') }}", "{% set strftime_now = 5 %}{{ strftime_now }}",
    "{% if l is defined and l is not none and l|length > 0 %}ok{% endif %}", "{% if not (l and n) %}a{% else %}b{% endif %}", "{% if s is string and s.startswith('H') %}y{% endif %}", "{% set x = {'a': 1} %}{% set x = dict(x, b=2) %}{{ x }}", "{% set l2 = l + [4] %}{{ l2 }}{{ l }}",
    "{% set g = people|map(attribute='name') %}{% for x in g %}{{ x }}{% endfor %}{% for x in g %}{{ x }}{% endfor %}", "{% for x in people|selectattr('age', 'gt', 30) %}{{ loop.length }}{{ loop.last }}{{ x.name }}{% endfor %}", "{% for a in people %}{% if not loop.first %}, {% endif %}{{ a.name }}{% endfor %}",
    "{% set x = 1 %}{% if true %}{% set x = 2 %}{% endif %}{{ x }}", "{% set f = 'x' %}{% set y %}{% set f = 'z' %}{{ f }}{% endset %}{{ f }}{{ y }}", "{{ n -}}\n\n x", "{%- set a = 1 -%} \n {{- a -}} \n .", "{% if yes: %}x{% endif %}", "{% for i in l: %}{{ i }}{% endfor %}", "{% for i in 1, 2 %}{{ i }}{% endfor %}", "{% set loop = 5 %}{{ loop }}", "{% for loop in l %}{{ loop }}{% endfor %}",
    "{% for i in l %}{{ i }}{% else %}x{% break %}{% endfor %}", "{{ [1, 2,] }}{{ {'a': 1,} }}{{ (1, 2,) }}", "{{ range(\n3\n) | list }}", "{{ dict(a=1,) }}", "{% set x = n if n > 3 %}{{ x }}", "{% set true = 1 %}", "{{ s.split(', ')[1].lower() }}", "{{ 'x' if l is iterable and l is not string else 'y' }}", "{% macro a(x) %}{{ b(x) }}{% endmacro %}{% macro b(x) %}<{{ x }}>{% endmacro %}{{ a(1) }}",
    "{% set k = 'a' %}{{ {k: 1} }}", "{{ l | map('string') | join(' ') }}", "{% for i in l | sort | reverse %}{{ i }}{% endfor %}", "{% for i in (l | sort)[:2] %}{{ i }}{% endfor %}", "{% for i in l[1:] %}{{ i }}{% endfor %}", "{% for i in d | dictsort %}{{ i[0] }}{{ i[1] }}{% endfor %}", "{% for k, v in d | items %}{{ k }}{{ v }}{% endfor %}", "{% set _ = n %}{{ _ }}", "{{ deep._x is defined }}", "{{ 'a' ~ ('b' ~ 'c') | upper }}",
]
