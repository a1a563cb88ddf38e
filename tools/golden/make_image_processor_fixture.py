#!/usr/bin/env python3
"""Golden values of image processors: small random images, settings, and what comes out.

    python make_image_processor_fixture.py OUT.json
"""
import json
import sys

import numpy as np
from PIL import Image
from transformers.models.clip.image_processing_pil_clip import CLIPImageProcessorPil as C
from transformers.models.vit.image_processing_pil_vit import ViTImageProcessorPil as V

rng=np.random.default_rng(3)
out={"cases":[]}
for name,(h,w),P,kw in [
  ("vit",(11,7),V,dict(size={"height":6,"width":8})),
  ("vit lanczos up",(3,4),V,dict(size={"height":7,"width":5},resample=1,image_mean=[0.1,0.2,0.3],image_std=[0.5,1.0,2.0])),
  ("vit down",(41,30),V,dict(size={"height":4,"width":4},resample=2)),
  ("clip",(11,7),C,dict(size={"shortest_edge":6},crop_size={"height":5,"width":5})),
  ("clip wide",(9,23),C,dict(size={"shortest_edge":4},crop_size={"height":3,"width":6})),
  ("clip padded",(9,7),C,dict(size={"shortest_edge":4},crop_size={"height":8,"width":7})),
  ("clip plain",(5,4),C,dict(do_resize=False,do_center_crop=False,do_rescale=False,do_normalize=False)),
]:
    img=rng.integers(0,256,(h,w,3),dtype=np.uint8)
    p=P(**kw); o=p(Image.fromarray(img),return_tensors="np")["pixel_values"][0]
    d=p.to_dict(); d={k:v for k,v in d.items() if k in("image_processor_type","size","crop_size","resample","do_resize","do_center_crop","do_rescale","rescale_factor","do_normalize","image_mean","image_std") and v is not None}
    d["image_processor_type"]={"V":"ViTImageProcessor","C":"CLIPImageProcessor"}[P.__name__[0]]
    if "resample" in d: d["resample"]=int(d["resample"])
    out["cases"].append(dict(name=name,settings=d,height=h,width=w,pixels=img.reshape(-1).tolist(),shape=list(o.shape),values=[float("%.8g"%x) for x in o.reshape(-1)]))
json.dump(out,open(sys.argv[1], "w"))
