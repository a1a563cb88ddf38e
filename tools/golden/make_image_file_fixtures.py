#!/usr/bin/env python3
"""Golden values of image files: small files of every kind, and the pixels that Pillow reads from them.

    python make_image_file_fixtures.py OUT      # OUT/*.{png,jpg,...} and OUT/pixels.json

Pixels are those of transformers' load_image: turned as EXIF says, converted to RGB.
"""
import base64
import io
import json
import os
import struct
import sys
import zlib

import numpy as np
from PIL import Image, ImageCms, ImageOps

W, H = 24, 16
out = sys.argv[1]
os.makedirs(out, exist_ok=True)
rng = np.random.default_rng(11)
y, x = np.mgrid[0:H, 0:W]
smooth = np.stack([x * 10, y * 15, (x + y) * 6], -1).clip(0, 255).astype(np.uint8)
smooth[2:7, 3:9] = (200, 30, 60)
noise = rng.integers(0, 256, (H, W, 3), dtype=np.uint8)
alpha = rng.integers(0, 256, (H, W), dtype=np.uint8)
rgb = Image.fromarray(smooth)
rough = Image.fromarray(noise)


def exif(orientation):
    e = Image.Exif()
    e[274] = orientation
    return e.tobytes()


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(depth, color, rows, extra=b"", width=W):
    """A PNG that Pillow itself does not write."""
    body = b"".join(b"\0" + row for row in rows)
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, len(rows), depth, color, 0, 0, 0)) + extra
            + chunk(b"IDAT", zlib.compress(body)) + chunk(b"IEND", b""))


def packed(values, bits):
    rows = []
    for row in values:
        n = "".join(format(int(v), "0%db" % bits) for v in row)
        rows.append(int(n, 2).to_bytes(len(n) // 8, "big"))
    return rows


def interlaced(image):
    pixels = np.asarray(image)
    body = b""
    for x0, y0, dx, dy in [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]:
        for row in pixels[y0::dy, x0::dx]:
            body += b"\0" + row.tobytes()
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", W, H, 8, 2, 0, 0, 1))
            + chunk(b"IDAT", zlib.compress(body)) + chunk(b"IEND", b""))


files = {}


def save(name, image, **kw):
    b = io.BytesIO()
    image.save(b, **kw)
    files[name] = b.getvalue()


save("plain.png", rough, format="PNG")
for o in range(1, 9):
    save(f"exif{o}.jpg", rgb, format="JPEG", quality=95, subsampling=0, exif=exif(o))
save("exif6.png", rough, format="PNG", exif=exif(6))
save("exif9.png", rough, format="PNG", exif=exif(9))
save("exif8.webp", rough, format="WEBP", lossless=True, exif=exif(8))
save("exif5.tiff", rough, format="TIFF", exif=exif(5))
save("xmp6.jpg", rgb, format="JPEG", quality=95, subsampling=0,
     xmp=b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:Description tiff:Orientation="6"/></x:xmpmeta>')
save("plain.jpg", rgb, format="JPEG", quality=95, subsampling=0)
save("halved.jpg", rgb, format="JPEG", quality=90, subsampling=2)
save("progressive.jpg", rgb, format="JPEG", quality=90, progressive=True)
save("grey.jpg", rgb.convert("L"), format="JPEG", quality=95)
save("cmyk.jpg", rgb.convert("CMYK"), format="JPEG", quality=95, subsampling=0)
save("rgb-marked.jpg", rgb, format="JPEG", quality=95, keep_rgb=True)
profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
save("profile.jpg", rgb, format="JPEG", quality=95, subsampling=0, icc_profile=profile)
save("profile.png", rough, format="PNG", icc_profile=profile)
files["interlaced.png"] = interlaced(rough)
save("alpha.png", Image.fromarray(np.dstack([noise, alpha])), format="PNG")
save("grey.png", rough.convert("L"), format="PNG")
save("grey-alpha.png", Image.fromarray(np.dstack([noise[..., 0], alpha]), "LA"), format="PNG")
save("palette.png", rough.quantize(16), format="PNG")
save("palette-transparent.png", rough.quantize(16), format="PNG", transparency=3)
save("one-bit.png", rough.convert("1"), format="PNG")
files["grey2.png"] = png(2, 0, packed(noise[..., 0] >> 6, 2))
files["grey4.png"] = png(4, 0, packed(noise[..., 0] >> 4, 4))
deep = (noise.astype(np.uint16) << 8) | rng.integers(0, 256, noise.shape, dtype=np.uint16)
files["grey16.png"] = png(16, 0, [row.astype(">u2").tobytes() for row in deep[..., 0]])
files["rgb16.png"] = png(16, 2, [row.astype(">u2").tobytes() for row in deep])
files["grey-alpha16.png"] = png(16, 4, [np.stack([row[..., 0], row[..., 1]], -1).astype(">u2").tobytes() for row in deep])
files["rgb-transparent.png"] = png(8, 2, [row.tobytes() for row in noise], chunk(b"tRNS", struct.pack(">HHH", *map(int, noise[0, 0]))))
files["gamma.png"] = png(8, 2, [row.tobytes() for row in noise], chunk(b"gAMA", struct.pack(">I", 100000)))
save("plain.gif", rough.quantize(32), format="GIF")
save("transparent.gif", rough.quantize(32), format="GIF", transparency=5)
save("animated.gif", rough.quantize(32), format="GIF", save_all=True, append_images=[rgb.quantize(16)])
save("plain.bmp", rough, format="BMP")
save("palette.bmp", rough.quantize(16), format="BMP")
save("plain.tiff", rough, format="TIFF")
save("packed.tiff", rough, format="TIFF", compression="tiff_lzw")
save("lossless.webp", rough, format="WEBP", lossless=True)
save("lossless-alpha.webp", Image.fromarray(np.dstack([noise, alpha])), format="WEBP", lossless=True, exact=True)
save("lossy.webp", rgb, format="WEBP", quality=90)
save("lossy-alpha.webp", Image.fromarray(np.dstack([smooth, alpha])), format="WEBP", quality=90, exact=True)
save("animated.webp", rough, format="WEBP", lossless=True, save_all=True, append_images=[rgb], duration=100)

pixels = {}
for name, data in files.items():
    with open(os.path.join(out, name), "wb") as f:
        f.write(data)
    image = ImageOps.exif_transpose(Image.open(io.BytesIO(data))).convert("RGB")
    pixels[name] = {"width": image.width, "height": image.height,
                    "rgb": base64.b64encode(np.asarray(image).tobytes()).decode()}
with open(os.path.join(out, "pixels.json"), "w") as f:
    f.write("{\n" + ",\n".join(json.dumps(k) + ": " + json.dumps(v) for k, v in pixels.items()) + "\n}\n")
